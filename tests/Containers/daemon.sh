#!/usr/bin/env bash
# daemon.sh DIRECTORY: a Docker daemon as the first process of namespaces of its own (net, mount, pid), which run.sh makes. Its bridges,
# rules, mounts, sockets and containers are in them, and end with this process; on disk everything is below DIRECTORY.
set -euo pipefail
work=$1
mkdir -p "$work"/{data,exec,etc,etc-work}
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
mount -t overlay -o "lowerdir=/etc,upperdir=$work/etc,workdir=$work/etc-work" overlay /etc
trap 'kill "$daemon"' TERM
dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/docker.pid" --host "unix://$work/docker.sock" \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(basename "$work")" --userland-proxy=false &
daemon=$!
wait "$daemon" || wait "$daemon"
