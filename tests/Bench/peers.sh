#!/usr/bin/env bash
# The peers of a comparison, inside the network namespace of the caller (root). ADDRESS is one of it.
#   peers.sh start DIRECTORY ADDRESS   prints a --target for each peer that is installed
#   peers.sh stop DIRECTORY            ends what start began
# Ganesha on a local directory, not replicated; GlusterFS replica 3 behind Ganesha. All on the disk of DIRECTORY.
set -euo pipefail
seconds_max=30

installed() { command -v ganesha.nfsd >/dev/null; }
gluster_installed() { command -v glusterd >/dev/null && ls /usr/lib/*/ganesha/libfsalgluster.so >/dev/null 2>&1; }

ganesha() { # NAME NFSPORT MOUNTPORT EXPORT PATH FSAL
  cat >"$directory/$1.conf" <<CONF
NFS_CORE_PARAM { mount_path_pseudo = true; Protocols = 3; NFS_Port = $2; MNT_Port = $3; Enable_NLM = false;
  Enable_RQUOTA = false; }
EXPORT { Export_Id = $2; Path = $5; Pseudo = $4; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  Protocols = 3; FSAL { $6 } }
CONF
  ganesha.nfsd -f "$directory/$1.conf" -L "$directory/$1.log" -p "$directory/$1.pid" >/dev/null 2>&1
}

answers() { (exec 3<>"/dev/tcp/$address/$1") 2>/dev/null; }

wait_for() { # PORT NAME
  local i
  for ((i = 0; i < seconds_max * 10; i++)); do
    if answers "$1"; then return 0; fi
    sleep 0.1
  done
  echo "peers: $2 does not answer on port $1" >&2
  return 1
}

gluster_volume() {
  local i
  mkdir -p "$directory"/brick{1,2,3} "$directory/glusterd" /var/run/gluster
  cat >"$directory/glusterd.vol" <<VOL
volume management
    type mgmt/glusterd
    option working-directory $directory/glusterd
    option transport-type socket
    option transport.socket.bind-address $address
end-volume
VOL
  glusterd --log-level ERROR -f "$directory/glusterd.vol" -l "$directory/glusterd.log" -p "$directory/glusterd.pid"
  for ((i = 0; i < seconds_max; i++)); do
    gluster --mode=script volume list >/dev/null 2>&1 && break
    sleep 1
  done
  gluster --mode=script volume create gv0 replica 3 "$address:$directory/brick1" "$address:$directory/brick2" \
    "$address:$directory/brick3" force >"$directory/volume.log" 2>&1 &&
    gluster --mode=script volume start gv0 >>"$directory/volume.log" 2>&1
}

start() {
  installed || { echo "peers: nfs-ganesha is not installed" >&2; return 0; }
  mkdir -p "$directory/local" /var/run/ganesha
  rpcbind -w 2>/dev/null || true
  if ganesha local 3049 33049 /local "$directory/local" "Name = VFS;" && wait_for 3049 ganesha && wait_for 33049 ganesha; then
    echo "--target ganesha=$address:3049:33049:/local"
  fi
  gluster_installed || { echo "peers: GlusterFS is not installed" >&2; return 0; }
  if gluster_volume &&
    ganesha gluster 4049 34049 /gv0 /gv0 "Name = GLUSTER; Hostname = \"$address\"; Volume = \"gv0\";" &&
    wait_for 4049 gluster && wait_for 34049 gluster; then
    echo "--target gluster3=$address:4049:34049:/gv0"
  else
    cat "$directory/volume.log" >&2
  fi
}

directory=$2
case $1 in
start)
  address=$3
  start
  ;;
stop)
  for file in "$directory"/*.pid; do
    [ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  ;;
*) sed -n 2,6p "$0"; exit 2 ;;
esac
