#!/bin/bash
# A bare mount finds a server that has registered with the rpcbind of its machine.
. "$LAB_WORK/guest/common.sh"

registered() {
  rpcinfo -p "$LAB_HOST" | tee /tmp/programs
  for program in '100003 *3' '100005 *3' '100021 *4' '100024 *1'; do
    grep -qE "^ *$program +tcp" /tmp/programs
  done
}

bare_mount_and_lock() {
  start_locking
  mount_bare
  touch "$share/locked"
  flock -x "$share/locked" -c 'echo held'
  echo content > "$share/file"
  umount "$share"
  mount_ports
  [ "$(cat "$share/file")" = content ]
  umount "$share"
}

check registered registered
check bare-mount bare_mount_and_lock
