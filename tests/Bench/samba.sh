#!/usr/bin/env bash
# samba.sh DIRECTORY ADDRESS PORT USER PASSWORD: a private smbd on a local directory, the share "files"; runs until it is ended.
set -euo pipefail
directory=$1
mkdir -p "$directory"/{private,state,cache,lock,pid,log,ncalrpc,share}
id "$4" >/dev/null 2>&1 || useradd -M -s /usr/sbin/nologin "$4"
chown "$4" "$directory/share"
cat >"$directory/smb.conf" <<CONF
[global]
  workgroup = WORKGROUP
  netbios name = BENCH
  server role = standalone server
  interfaces = $2
  bind interfaces only = yes
  smb ports = $3
  disable netbios = yes
  server min protocol = SMB2_02
  passdb backend = tdbsam:$directory/private/passdb.tdb
  private dir = $directory/private
  state directory = $directory/state
  cache directory = $directory/cache
  lock directory = $directory/lock
  pid directory = $directory/pid
  ncalrpc dir = $directory/ncalrpc
  log file = $directory/log/log.%m
  log level = 0
  map to guest = never
  load printers = no
  printcap name = /dev/null
  disable spoolss = yes
[files]
  path = $directory/share
  read only = no
CONF
printf '%s\n%s\n' "$5" "$5" | smbpasswd -c "$directory/smb.conf" -s -a "$4" >/dev/null
exec smbd -F --no-process-group -s "$directory/smb.conf"
