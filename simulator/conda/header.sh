#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A stand-in of Miniforge's installer: same name, same arguments, same words. Behind these lines follows a zip
# archive with a Python program, and the packages that it installs.
#
# NAME:  @NAME@
# VER:   @VERSION@
# PLAT:  @PLATFORM@
# LINES: @LINES@
# MD5:   @MD5@

if ! echo "$0" | grep '\.sh$' >/dev/null; then
  # shellcheck disable=SC2016 # nothing is to be expanded
  printf 'Please run using "bash"/"dash"/"sh"/"zsh", but not "." or "source".\n' >&2
  exit 1
fi
found=$(tail -n +@LINES@ "$0" | md5sum | cut -c 1-32)
if [ "$found" != @MD5@ ]; then
  printf 'WARNING: md5sum mismatch of tar archive\n' >&2
  printf 'expected: @MD5@\n' >&2
  printf '     got: %s  -\n' "$found" >&2
  exit 1
fi
exec "${NPU_SIMULATOR_PYTHON:-/usr/bin/python3}" -I "$0" "$@"
