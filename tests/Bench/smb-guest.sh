#!/usr/bin/env bash
# smb-guest.sh DIRECTORY ROUNDS MEGABYTES FILES: the load of smb.sh from the Linux kernel's client (User-Mode Linux, tap0 of this
# network namespace). Prints the lines of results: phase, server, amount per second, unit.
set -euo pipefail
work=$1
mkdir -p "$work/guest"
cat >"$work/guest/init" <<'INIT'
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
for directory in /run /tmp /mnt; do mount -t tmpfs tmpfs $directory; done
mkdir -p /mnt/nasgate /mnt/samba
ip link set lo up
ip addr add 10.77.0.2/24 dev eth0
ip link set eth0 up
modprobe cifs
timed() { # SERVER PHASE AMOUNT UNIT COMMAND...
  local server=$1 phase=$2 amount=$3 unit=$4 began
  shift 4
  began=$(date +%s%N)
  "$@" 2>>"$LAB_WORK/guest/log" || return
  awk -v a="$amount" -v t=$(($(date +%s%N) - began)) -v OFS='\t' -v s="$server" -v p="$phase" -v u="$unit" \
    'BEGIN { print p, s, a * 1e9 / t, u }' >>"$LAB_WORK/guest/results"
}
create() { local i; for ((i = 0; i < LAB_FILES; i++)); do echo data > "$1/small/f$i"; done; }
read_all() { cat "$1"/small/* > /dev/null; }
for mode in plain sign seal; do
  option=; [ $mode = plain ] || option=,$mode
  mount -t cifs //$LAB_HOST/files /mnt/nasgate -o "credentials=$LAB_WORK/credentials,port=$LAB_PRODUCT,vers=3.1.1$option"
  mount -t cifs //$LAB_HOST/files /mnt/samba -o "credentials=$LAB_WORK/credentials,port=$LAB_SAMBA,vers=3.1.1$option"
  for ((round = 0; round < LAB_ROUNDS; round++)); do
    for server in nasgate samba; do
      share=/mnt/$server
      timed $server cifs-write-$mode $LAB_MB MiB/s dd if=/dev/zero of=$share/large-g bs=1M count=$LAB_MB conv=fsync
      echo 3 > /proc/sys/vm/drop_caches
      timed $server cifs-read-$mode $LAB_MB MiB/s dd if=$share/large-g of=/dev/null bs=1M
      rm $share/large-g
      [ $mode = plain ] || continue
      mkdir $share/small
      timed $server cifs-small-create $LAB_FILES files/s create $share
      echo 3 > /proc/sys/vm/drop_caches
      timed $server cifs-small-read $LAB_FILES files/s read_all $share
      timed $server cifs-small-delete $LAB_FILES files/s rm -r $share/small
    done
  done
  umount /mnt/nasgate /mnt/samba
done >>"$LAB_WORK/guest/log" 2>&1
sync
halt -f -p
INIT
chmod +x "$work/guest/init"
rm -f "$work/guest/results"
TMPDIR=/var/tmp timeout -k 5 900 linux.uml mem=1G root=/dev/root rootfstype=hostfs rootflags=/ rw "init=$work/guest/init" \
  eth0=tuntap,tap0 con=null con0=fd:0,fd:1 quiet "LAB_WORK=$work" "LAB_HOST=$ADDRESS" "LAB_PRODUCT=$PRODUCT_PORT" \
  "LAB_SAMBA=$SAMBA_PORT" "LAB_ROUNDS=$2" "LAB_MB=$3" "LAB_FILES=$4" </dev/null >"$work/guest/console" 2>&1 || true
cat "$work/guest/results" || { tail -20 "$work/guest/console" "$work/guest/log" >&2; exit 1; }
