# SPDX-License-Identifier: GPL-3.0-or-later
"""The real wheels of torch and torch_npu: on an emulated arm64 node, and on this machine."""
