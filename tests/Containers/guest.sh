#!/bin/bash
# A machine in the network of the containers, with a real kernel's client: works on the volume while the host stops and starts its containers.
. "$LAB_WORK/guest/common.sh"

mount_and_write() {
  start_locking
  mount_bare
  grep " $share nfs " /proc/mounts
  install -d -m 1777 "$share/everybody"
  bash "$LAB_WORK/guest/make-tree.sh" /tmp/tree 300 24
  (cd /tmp/tree && find . -type f -exec sha256sum {} +) > /tmp/sums
  cp -r /tmp/tree "$share/tree"
  sync -f "$share"
  same_content tree
}

# By checksums of what is read back from the server.
same_content() {
  echo 3 > /proc/sys/vm/drop_caches
  (cd "$share/$1" && sha256sum --quiet -c /tmp/sums)
}

goes_on() {
  same_content tree
  cp -r /tmp/tree "$share/second"
  sync -f "$share"
  same_content second
}

after_heal() {
  same_content tree
  same_content second
}

# A checker that accepts a changed byte would prove nothing.
sees_a_changed_byte() {
  local at=$((10 << 20)) byte
  byte=$(dd if="$share/second/large" bs=1 skip=$at count=1 status=none | od -An -tu1)
  printf "\\x$(printf %x $((byte ^ 16)))" | dd of="$share/second/large" bs=1 seek=$at conv=notrunc,fsync status=none
  ! same_content second
  cp /tmp/tree/large "$share/second/large"
  same_content second
}

writer() { # writer NAME: a file of its own, and lines of one that all append to under lock
  local i
  head -c 4M /dev/urandom > "/tmp/own.$1"
  cp "/tmp/own.$1" "$share/own.$1"
  for ((i = 0; i < 20; i++)); do
    flock "$share/lock" sh -c "echo '$1 $i' >> '$share/log'"
  done
}

concurrent_writers() {
  local name writers=()
  touch "$share/lock"
  set +x
  for name in a b c d; do
    writer $name &
    writers+=($!)
  done
  for writer in "${writers[@]}"; do wait "$writer"; done
  set -x
  echo 3 > /proc/sys/vm/drop_caches
  for name in a b c d; do
    cmp "/tmp/own.$name" "$share/own.$name"
    rm "/tmp/own.$name"
    [ "$(grep -c "^$name " "$share/log")" = 20 ]
  done
  [ "$(sort -u "$share/log" | wc -l)" = 80 ]
}

rate_of() { # rate_of OPERATION FROM TO [OPTION]
  local started
  started=$(date +%s%N)
  dd if="$2" of="$3" bs=1M count=100 ${4:-}
  echo "measured: dd of 100 MiB on containers, $1: $((100 * 1000000000 / ($(date +%s%N) - started))) MiB/s" >> "$LAB_WORK/measured"
}

dd_rates() {
  head -c 100M /dev/urandom > /tmp/hundred
  rate_of 'written with fdatasync' /tmp/hundred "$share/hundred" conv=fdatasync
  echo 3 > /proc/sys/vm/drop_caches
  rate_of read "$share/hundred" /dev/null
  cmp /tmp/hundred "$share/hundred"
  rm /tmp/hundred "$share/hundred"
}

# pulse FILE: writes durably again and again, and says how long the longest took, in milliseconds.
pulse() {
  local began took longest=0
  while [ ! -e /tmp/pulse.end ]; do
    began=$(date +%s%N)
    echo "$began" | dd of="$1" conv=fsync status=none || return
    took=$((($(date +%s%N) - began) / 1000000))
    [ $took -le $longest ] || longest=$took
    sleep 0.05
  done
  echo "$longest" > /tmp/pulse.longest
}

# copies EVENT HOW: copies on until the host has done it in the middle of a copy; every copy must be whole.
copies() {
  local round=0 pulse
  rm -f /tmp/pulse.*
  pulse "$share/pulse" &
  pulse=$!
  until [ -e "$LAB_WORK/go.$1" ] && [ $round -gt 0 ]; do
    round=$((round + 1))
    cp -r /tmp/tree "$share/copy" &
    copy=$!
    until [ -e "$share/copy/d1" ]; do sleep 0.05; done
    mark "copying-$1"
    wait $copy
    sync -f "$share"
    same_content copy
    rm -r "$share/copy"
    [ $round -lt 100 ]
  done
  touch /tmp/pulse.end
  wait $pulse
  echo "measured: $2 in the middle of a copy ($round copies): longest wait of a durable write $(cat /tmp/pulse.longest) ms" >> "$LAB_WORK/measured"
}

check mount-and-write mount_and_write || exit
mark written
await node-stopped
check goes-on-without-a-node goes_on
mark went-on
await node-started
check content-after-heal after_heal
check a-changed-byte-is-seen sees_a_changed_byte
check concurrent-writers concurrent_writers
check dd dd_rates
mark ready-to-copy
check copy-while-the-owner-stops copies stopped 'gateway stopped'
mark survived-stop
check copy-while-the-owner-is-killed copies killed 'gateway killed'
check content-at-the-end after_heal
cat "$LAB_WORK/measured"
umount "$share"
