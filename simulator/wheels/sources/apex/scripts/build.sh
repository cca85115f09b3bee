#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stand-in of the build of Ascend/apex: real setuptools makes a wheel of the stand-in of the package. As in guide 002, a newer
# setuptools than 41.2.0 does not build it. The argument is --python=3.9 or its like.
set -euo pipefail
python -c 'import setuptools, sys
found = setuptools.__version__
sys.exit(0 if found == "41.2.0" else f"found setuptools {found}, which cannot build this; wanted 41.2.0")'
tag=${1#--python=}
cd "$(dirname "$0")/../apex"
exec python -c 'import setuptools; setuptools.setup()' --quiet bdist_wheel \
  --python-tag="cp${tag/./}" --plat-name="linux_$(uname -m)"
