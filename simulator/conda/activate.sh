# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# To be sourced: make an environment the active one, `. bin/activate [ENVIRONMENT]`.
. "@PREFIX@/etc/profile.d/conda.sh"
conda activate "$@"
