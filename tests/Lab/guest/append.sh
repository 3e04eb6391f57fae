#!/bin/bash
# LAB_LINES lines appended to one file under lock, while another client does the same.
. "$LAB_WORK/guest/common.sh"

mount_locking() {
  start_locking
  mount_bare
}

append() {
  set +x
  for ((i = 0; i < LAB_LINES; i++)); do
    {
      flock 9
      echo "$LAB_ADDRESS $i" >> "$share/log"
    } 9>> "$share/lock"
  done
}

check mount mount_locking
mark ready
await append
check append append
umount "$share"
