# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut a run anywhere and start it again: the same command finishes the job."""
