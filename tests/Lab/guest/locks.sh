#!/bin/bash
# Takes and gives up locks as the host says. A command is the next line of go.N; its output comes back in mark.N.
. "$LAB_WORK/guest/common.sh"

# hold NAME PATH fcntl|flock read|write START LENGTH try|wait: how it went comes into state.NAME. A PATH that does not
# begin with / is below the NFS mount.
hold() {
  local name=$1 path=$2
  shift 2
  [ "${path#/}" != "$path" ] || path=$share/$path
  /tmp/lock "$path" "$@" "$LAB_WORK/state.$name" &
  echo $! > "/tmp/pid.$name"
}

release() {
  kill -KILL "$(cat "/tmp/pid.$1")"
  wait "$(cat "/tmp/pid.$1")" 2>/dev/null
}

# What statd knows is on the disk of a machine: here it is in the directory that outlives the guest.
restore_monitor() {
  mkdir -p "$LAB_WORK/statd/sm" "$LAB_WORK/statd/sm.bak"
  mount --bind "$LAB_WORK/statd" /var/lib/nfs
  mkdir -p /var/lib/nfs/rpc_pipefs
}

start() {
  gcc -O1 -o /tmp/lock "$LAB_WORK/guest/lock.c"
  restore_monitor
  rpcbind -w 2>/dev/null || rpcbind
  if [ -n "$(ls /var/lib/nfs/sm)" ]; then
    # As at every boot: tells the servers it had locks with, before it takes new ones.
    sm-notify -d -f -m 1 -v "$LAB_ADDRESS" > "$LAB_WORK/notify.log" 2>&1 &
  fi
  rpc.statd --no-notify -n "$LAB_ADDRESS"
  mount_bare hard,timeo=50
  [ -z "${LAB_CREDENTIALS:-}" ] || mount_smb
}

mount_smb() {
  modprobe cifs
  mkdir -p /mnt/smb
  mount -t cifs "//$LAB_HOST/files" /mnt/smb -o "credentials=$LAB_CREDENTIALS,vers=3.1.1,hard"
}

start > "$LAB_WORK/start.log" 2>&1
mark ready
next=1
while true; do
  await $next
  read -r line < "$LAB_WORK/go.$next"
  [ "$line" != end ] || break
  eval "$line" > "$LAB_WORK/answer.$next" 2>&1
  mv "$LAB_WORK/answer.$next" "$LAB_WORK/mark.$next"
  next=$((next + 1))
done
! mountpoint -q /mnt/smb || umount /mnt/smb
umount -f "$share"
