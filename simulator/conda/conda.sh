# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# To be sourced: `conda activate` and `conda deactivate` have to change the calling shell.
export CONDA_EXE='@PREFIX@/bin/conda'

conda() {
  case ${1-} in
  activate | deactivate)
    __conda_words=$("$CONDA_EXE" shell.posix "$@") || return
    eval "$__conda_words"
    unset __conda_words
    ;;
  *) "$CONDA_EXE" "$@" ;;
  esac
}
