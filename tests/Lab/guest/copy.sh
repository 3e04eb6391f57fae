#!/bin/bash
# A copy over a hard mount that does not notice what happens to the server.
. "$LAB_WORK/guest/common.sh"

mount_hard() {
  mount_ports 'timeo=50'
  bash "$LAB_WORK/guest/make-tree.sh" /tmp/tree 1200 64
}

copy_all() { cp -r /tmp/tree "$share/copy"; }

same_content() {
  echo 3 > /proc/sys/vm/drop_caches
  diff -r /tmp/tree "$share/copy"
}

check mount mount_hard
(
  until [ -e "$share/copy/d5" ]; do sleep 0.05; done
  mark copying
) &
check copy copy_all
mark copied
check content same_content
umount "$share"
