# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# To be sourced: make an environment the active one, `. bin/activate [ENVIRONMENT]`.
# shellcheck disable=SC1091 # it is not here
. "@PREFIX@/etc/profile.d/conda.sh"
conda activate "$@"
