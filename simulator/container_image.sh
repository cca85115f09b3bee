#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Write the files of a small image to stdout: a shell, Python and what they load, and nothing of the rest of the system.
set -eu
python=$(dirname /usr/lib/python3.*/os.py)
set -- /usr/bin/python3 /bin/sh /bin/ls /bin/cat /bin/sleep /usr/bin/readlink /usr/bin/dirname /usr/bin/env
ldd "$@" "$python"/lib-dynload/*.so | grep -o '/[^ :]*\.so[^ :]*' | grep -v lib-dynload | sort -u >/tmp/libraries
exec tar --create --dereference --hard-dereference --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  --exclude=__pycache__ --exclude='config-3.*' --exclude=ensurepip --exclude=idlelib --exclude=lib2to3 \
  --files-from=/tmp/libraries "$@" "$python"
