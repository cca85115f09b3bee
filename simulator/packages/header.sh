#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A simulated package of the vendor's: same name, same arguments, same words; what it does lies on the node.
label="@LABEL@"
options="@OPTIONS@"
sha256="@SHA256@"
header_bytes=@HEADER@
payload_bytes=@PAYLOAD@
padding_bytes=@PADDING@
runner=${NPU_SIMULATOR_RUN:-/usr/lib/npu-simulator/run}

usage() {
  cat >&2 <<END
Usage: $0 [options]
Options:
  --help | -h                       Print this message
  --info                            Print embedded info : title, default target directory, embedded script ...
  --list                            Print the list of files in the archive
  --check                           Checks integrity and version dependency of the archive
  --quiet                           Quiet install mode, skip human-computer interactions
  --nox11                           Do not spawn an xterm
  --noexec                          Do not run embedded script
  --extract=<path>                  Extract directly to a target directory (absolute or relative)
                                    Usually used with --noexec to just extract files without running
  --tar arg1 [arg2 ...]             Access the contents of the archive through the tar command
END
  for option in $options; do
    printf '  %s\n' "$option" >&2
  done
}

known() {
  for option in $options; do
    case $option in
    *=) case $1 in "$option"*) return 0 ;; esac ;;
    *) [ "$1" = "$option" ] && return 0 ;;
    esac
  done
  return 1
}

payload() {
  tail -c "+$((header_bytes + 1))" "$0" | head -c "$payload_bytes"
}

verify() {
  [ "$quiet" = y ] || printf 'Verifying archive integrity...'
  size=$(wc -c <"$0")
  if [ "$size" -ne $((header_bytes + payload_bytes + padding_bytes)) ]; then
    echo " Unexpected archive size." >&2
    exit 2
  fi
  found=$(tail -c "+$((header_bytes + 1))" "$0" | sha256sum | cut -c 1-64)
  if [ "$found" != "$sha256" ]; then
    echo "Error in SHA256 checksums: $found is different from $sha256" >&2
    exit 2
  fi
  if [ "$quiet" != y ]; then
    printf '  100%%  ' >&2
    printf ' SHA256 checksums are OK.' >&2
    echo " All good."
  fi
}

quiet=n
checked=n
execute=y
target=
count=$#
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  case $word in
  -h | --help)
    usage
    exit 0
    ;;
  -q | --quiet) quiet=y ;;
  --info)
    echo "Identification: $label"
    echo "Target directory: selfgz"
    echo "Script run after extraction:"
    echo "     $runner installers"
    exit 0
    ;;
  --list)
    echo "Target directory: selfgz"
    payload | tar -tvzf -
    exit 0
    ;;
  --tar)
    mode=${1:?}
    shift
    payload | gzip -dc | tar "$mode" - "$@"
    exit $?
    ;;
  --check)
    checked=y
    set -- "$@" "$word"
    ;;
  --noexec) execute=n ;;
  --nox11) ;;
  --extract=*) target=${word#--extract=} ;;
  *)
    if ! known "$word"; then
      usage
      exit 1
    fi
    set -- "$@" "$word"
    ;;
  esac
done
[ "$quiet" = n ] || set -- --quiet "$@"

if [ "$checked" = y ]; then
  verify
fi
if [ -n "$target" ]; then
  [ "$quiet" = y ] || echo "Creating directory $target" >&2
  directory=$target
else
  place=${TMPDIR:-$HOME}
  [ -d "$place" ] || place=$PWD
  directory=$place/selfgz$$
fi
if ! mkdir -p "$directory"; then
  echo "Cannot create target directory $directory" >&2
  echo "You should try option --extract=<path>" >&2
  exit 1
fi

clean_up() {
  [ -n "$target" ] || rm -rf "$directory"
}
trap 'echo "Signal caught, cleaning up" >&2; clean_up; exit 15' 1 2 3 15
[ "$SETUP_NOCHECK" = 1 ] || verify
[ "$quiet" = y ] || printf 'Uncompressing %s' "$label"
if ! payload | tar -xzf - -C "$directory" 2>/dev/null; then
  echo " ... Extraction failed." >&2
  clean_up
  exit 1
fi
[ "$quiet" = y ] || echo "  100%  "
status=0
if [ "$execute" = y ]; then
  if [ -x "$runner" ]; then
    "$runner" installers "$directory" "$(basename "$0")" "$@"
    status=$?
  else
    echo "$0: found no $runner: a simulated package runs on a simulated node only" >&2
    status=1
  fi
fi
clean_up
exit $status
# The archive begins behind the next line.
