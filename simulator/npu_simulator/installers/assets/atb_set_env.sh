# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Environment of the simulated acceleration library; source it with bash: set_env.sh [--cxx_abi=0|1].
# As the real one, it asks the torch of python3 where it is not told, and takes 1 where there is none.
_abi=
for _word in "$@"; do
  case $_word in --cxx_abi=[01]) _abi=${_word#--cxx_abi=} ;; esac
done
if [[ -z $_abi ]]; then
  _abi=$(python3 -c 'import torch; print(int(torch.compiled_with_cxx11_abi()))' 2>/dev/null) || _abi=1
fi
export ATB_HOME_PATH=@TREE@/atb/cxx_abi_${_abi}
export LD_LIBRARY_PATH=${ATB_HOME_PATH}/lib:${ATB_HOME_PATH}/examples:${ATB_HOME_PATH}/tests/atbopstest:${LD_LIBRARY_PATH}
export PATH=${ATB_HOME_PATH}/bin:${PATH}
unset _abi _word
