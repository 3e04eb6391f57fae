#!/bin/bash
# One client of a replicated volume while the host stops and starts its nodes.
. "$LAB_WORK/guest/common.sh"

mount_and_write() {
  start_locking
  mount_bare
  bash "$LAB_WORK/guest/make-tree.sh" /tmp/tree 400 32
  cp -r /tmp/tree "$share/tree"
  diff -r /tmp/tree "$share/tree"
  sync -f "$share"
}

goes_on() {
  echo 3 > /proc/sys/vm/drop_caches
  diff -r /tmp/tree "$share/tree"
  cp -r /tmp/tree "$share/second"
  rm -rf "$share/second/d0"
  mv "$share/second/d1" "$share/second/moved"
  sync -f "$share"
  [ ! -e "$share/second/d0" ]
  diff -r /tmp/tree/d1 "$share/second/moved"
}

after_heal() {
  echo 3 > /proc/sys/vm/drop_caches
  diff -r /tmp/tree "$share/tree"
  diff -r /tmp/tree/d2 "$share/second/d2"
  cmp /tmp/tree/large "$share/second/large"
}

rate_of() { # OPERATION FROM TO
  local started
  started=$(date +%s%N)
  dd if="$2" of="$3" bs=1M count=100 conv=fdatasync
  echo "measured: dd of 100 MiB, $1: $((100 * 1000000000 / ($(date +%s%N) - started))) MiB/s" >> "$LAB_WORK/rates"
}

dd_rates() {
  head -c 100M /dev/urandom > /tmp/hundred
  rate_of 'written with fdatasync' /tmp/hundred "$share/hundred"
  echo 3 > /proc/sys/vm/drop_caches
  rate_of read "$share/hundred" /tmp/back
  cmp /tmp/hundred /tmp/back
  rm /tmp/hundred /tmp/back
}

check write mount_and_write
mark written
await stopped
check goes-on goes_on
mark went-on
await started
check after-heal after_heal
check dd dd_rates
cat "$LAB_WORK/rates"
umount "$share"
