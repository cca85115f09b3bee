#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Stand-in for all_reduce_test of CANN: the table of packages-and-versions.md 8 for sizes that double, 10 microseconds and one
# for each 16 KiB. SIMULATED_HCCL=failed makes the last sum wrong, SIMULATED_HCCL=cut stops before it.
bytes() {
  case $1 in
    *K) echo $((${1%K} * 1024)) ;;
    *M) echo $((${1%M} * 1048576)) ;;
    *G) echo $((${1%G} * 1073741824)) ;;
    *) echo "$1" ;;
  esac
}
while getopts b:e:f:d:o:p: option; do
  case $option in
    b) size=$(bytes "$OPTARG") ;;
    e) last=$(bytes "$OPTARG") ;;
    *) ;;
  esac
done
echo 'data_size(Bytes): | aveg_time(us): | alg_bandwidth(GB/s): | check_result:'
while [ "$size" -le "$last" ]; do
  word=success
  if [ $((size * 2)) -gt "$last" ]; then
    [ "$SIMULATED_HCCL" = cut ] && exit 0
    [ "$SIMULATED_HCCL" = failed ] && word=failed
  fi
  awk -v size="$size" -v word="$word" 'BEGIN {
    time = 10 + size / 16384
    printf "%-18d| %-15.2f| %-21.5f| %s\n", size, time, size / time / 1000, word
  }'
  size=$((size * 2))
done
