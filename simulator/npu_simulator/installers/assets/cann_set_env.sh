# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Environment of the simulated CANN of 8.5 and newer; source it with bash. Like the real one (scripts/package/runtime/set_env.sh
# of hicann/runtime) it finds its own place by BASH_SOURCE, which other shells do not have: there it gives relative paths.
# shellcheck disable=SC2128
ASCEND_TOOLKIT_HOME=$(dirname "$(readlink -f "$BASH_SOURCE")")
export ASCEND_TOOLKIT_HOME
export ASCEND_HOME_PATH=${ASCEND_TOOLKIT_HOME}
export ASCEND_AICPU_PATH=${ASCEND_TOOLKIT_HOME}
export ASCEND_OPP_PATH=${ASCEND_TOOLKIT_HOME}/opp
export TOOLCHAIN_HOME=${ASCEND_TOOLKIT_HOME}/toolkit
export CMAKE_PREFIX_PATH=${ASCEND_TOOLKIT_HOME}/lib64/cmake:${CMAKE_PREFIX_PATH}
_driver=
if [ -f /etc/ascend_install.info ]; then
  _driver=$(sed -n 's/^Driver_Install_Path_Param=//p' /etc/ascend_install.info)
fi
if [ -d "${_driver}/driver/lib64" ]; then
  export LD_LIBRARY_PATH=${_driver}/driver/lib64:${_driver}/driver/lib64/common:${_driver}/driver/lib64/driver:${LD_LIBRARY_PATH}
fi
unset _driver
export LD_LIBRARY_PATH=${ASCEND_TOOLKIT_HOME}/lib64:${ASCEND_TOOLKIT_HOME}/lib64/plugin/opskernel:${LD_LIBRARY_PATH}
export PYTHONPATH=${ASCEND_TOOLKIT_HOME}/python/site-packages:${ASCEND_OPP_PATH}/built-in/op_impl/ai_core/tbe:${PYTHONPATH}
export PATH=${ASCEND_TOOLKIT_HOME}/bin:${PATH}
