#!/bin/bash
# Writes and reads back, round after round, until the host has had enough. Any error of the client ends it.
. "$LAB_WORK/guest/common.sh"

work() {
  mount_ports 'timeo=50'
  bash "$LAB_WORK/guest/make-tree.sh" /tmp/tree 60 8
  mark working
  round=0
  until [ -e "$LAB_WORK/go.stop" ] && [ $round -gt 2 ]; do
    cp -r /tmp/tree "$share/round$round"
    sync -f "$share"
    echo 3 > /proc/sys/vm/drop_caches
    diff -r /tmp/tree "$share/round$round"
    mv "$share/round$round" "$share/done"
    rm -rf "$share/done"
    round=$((round + 1))
    echo $round > "$LAB_WORK/rounds"
  done
  umount "$share"
}

check load work
echo "measured: $(cat "$LAB_WORK/rounds") rounds of load"
