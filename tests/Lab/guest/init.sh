#!/bin/bash
# The first process of a guest. Its root is the host's (hostfs), so everything that could write there is covered.
# From the kernel's command line: LAB_WORK (a directory of the host), LAB_ADDRESS, LAB_HOST, LAB_SCRIPT.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/home LC_ALL=C.UTF-8
export LAB_WORK LAB_ADDRESS LAB_HOST LAB_SCRIPT
mount -t proc proc /proc
mount -t sysfs sys /sys
grep -q ' /dev devtmpfs ' /proc/mounts || mount -t devtmpfs devtmpfs /dev
ln -sfn /proc/self/fd /dev/fd
mkdir -p /dev/shm
for directory in /run /tmp /mnt /var/lib/nfs /dev/shm; do
  [ -d "$directory" ] && mount -t tmpfs tmpfs "$directory"
done
mkdir -p /run/rpc_pipefs /run/lock /run/rpcbind /run/sendsigs.omit.d /mnt/nas /tmp/home \
  /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/rpc_pipefs
hostname "${LAB_GUEST:-guest}"
printf '127.0.0.1 localhost\n%s %s\n%s server\n' "$LAB_ADDRESS" "${LAB_GUEST:-guest}" "$LAB_HOST" > /run/hosts
mount --bind /run/hosts /etc/hosts
ip link set lo up
ip addr add "$LAB_ADDRESS/24" dev eth0
ip link set eth0 up
modprobe nfsv3
touch "$LAB_WORK/mark.booted"
bash "$LAB_WORK/guest/$LAB_SCRIPT" > "$LAB_WORK/out" 2>&1
echo $? > "$LAB_WORK/rc"
sync
halt -f -p
