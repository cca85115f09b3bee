# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Environment of the simulated acceleration library; source it with bash: set_env.sh [--cxx_abi=0|1].
_abi=1
for _word in "$@"; do
  case $_word in --cxx_abi=*) _abi=${_word#--cxx_abi=} ;; esac
done
export ATB_HOME_PATH=@TREE@/atb/cxx_abi_${_abi}
export LD_LIBRARY_PATH=${ATB_HOME_PATH}/lib:${LD_LIBRARY_PATH}
unset _abi _word
