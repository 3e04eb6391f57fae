#!/usr/bin/env bash
# The compose cluster of container/ on a Docker daemon of its own: built, brought up, worked on by a kernel client in its network while
# containers are stopped, killed and started.
#
# Root, docker.io, docker-compose or the plugin, debootstrap, user-mode-linux, python3. No registry is asked: the images are made upon the
# root file system that base.sh makes. The daemon lives in namespaces of its own (daemon.sh); what it may leave is removed at the end.
# Prints "measured: …", each check by name, what failed with its log; the last line is "N passed, N failed". The logs are in artifacts/test/containers.
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(cd "$here/../.." && pwd)
run=${LAB_RUN:-$$}
work=/var/tmp/nasgate-lab-$run-containers
guest=$work/guest
logs=$root/artifacts/test/containers
docker=${DOCKER:-/usr/bin/docker}
volume_address=172.30.77.50
guest_address=172.30.77.90
passed=0
failed=0
daemon=
kernel=
export DOCKER_HOST=unix://$work/docker.sock DOCKER_CONFIG=$work/client DOCKER_BUILDKIT=1
export NASGATE_IMAGE=nasgate-test/nasgate ETCD_IMAGE=nasgate-test/base PROMETHEUS_IMAGE=nasgate-test/base CLIENT_IMAGE=nasgate-test/client
export NASGATE_SECRET=$work/secret

keep_logs() {
  local name
  cp "$guest"/*.log "$guest/out" "$logs/" 2>/dev/null
  for name in $(timeout 10 "$docker" ps -a --format '{{.Names}}' 2>/dev/null); do
    timeout 10 "$docker" logs "$name" >"$logs/$name.log" 2>&1
  done
}

clean_up() {
  local group
  trap - EXIT
  keep_logs
  [ -z "$kernel" ] || kill -KILL -- "-$kernel" 2>/dev/null
  # The first process of the daemon's namespaces dies with it, and all processes of these with that.
  [ -z "$daemon" ] || { kill -KILL "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null; }
  for group in /sys/fs/cgroup/*/"${work##*/}" "/sys/fs/cgroup/${work##*/}"; do
    # Its last processes may be on their way out.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -d "$group" ] && ! find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || break
      sleep 0.2
    done
  done
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() { printf '%s\n' "$*"; }

finish() {
  say "$passed passed, $failed failed"
  [ "$failed" = 0 ]
  exit
}

skip() {
  say "containers: skipped, no Docker daemon can run here: $*"
  finish
}

count() { # count NAME CODE [LOG]
  if [ "$2" = 0 ]; then
    passed=$((passed + 1))
    say "$1: passed"
  else
    failed=$((failed + 1))
    [ -z "${3:-}" ] || tail -40 "$3"
    say "$1: FAILED"
  fi
  return "$2"
}

# check NAME COMMAND...: one check, its output in a log that is shown when it fails.
check() {
  local name=$1 log=$logs/${1// /-}.log
  shift
  (set -x && "$@") >"$log" 2>&1
  count "$name" $? "$log"
}

# within SECONDS COMMAND...: until it succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.5
  done
}

compose() { "${compose[@]}" -f "$root/container/compose.yaml" -p nasgate "$@"; }
inside() { "$docker" exec "$(container "$1")" "${@:2}"; }
container() { "$docker" ps -aq --filter "label=com.docker.compose.service=$1"; }

# json EXPRESSION: of the document `d` on standard input.
json() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

# of_volume GATEWAY EXPRESSION: of the volume `v` as the gateway knows it.
of_volume() { timeout 20 "$docker" exec "$(container "$1")" nasgate status --json 2>/dev/null | json "[($2) for v in d['volumes']][0]" 2>/dev/null; }

owner() { # the gateway that serves the volume
  local gateway
  for gateway in gateway1 gateway2; do
    [ "$(of_volume $gateway "v['role'], v['state']")" != "('owner', 'serving')" ] || { echo $gateway; return; }
  done
  return 1
}
has_owner() { owner >/dev/null; }
other_than() { [ "$1" = gateway1 ] && echo gateway2 || echo gateway1; }

is_healthy() { [ "$("$docker" inspect -f '{{.State.Health.Status}}' "$(container "$1")")" = healthy ]; }
all_healthy() {
  local service
  for service in etcd{1,2,3} node{1,2,3} gateway{1,2}; do is_healthy $service || return; done
}

nodes_are() { # nodes_are STATES OWED: as the owner sees them, sorted by name
  [ "$(of_volume "$(owner)" "' '.join(n['state'] for n in sorted(v['nodes'], key=lambda n: n['id'])), v['owedSlices'] > 0")" = "('$1', $2)" ]
}
is_clean() { inside "$(owner)" nasgate verify; }

marked() { [ -e "$guest/mark.$1" ] || [ -e "$guest/rc" ]; }
go() { touch "$guest/go.$1"; }

. "$here/steps.sh"

daemon_answers() { kill -0 "$daemon" && "$docker" info; }
daemon_is_decided() { daemon_answers || ! kill -0 "$daemon"; }

main() {
  mkdir -p "$logs" "$work/client" "$guest/guest"
  rm -f "$logs"/*.log
  [ "$(id -u)" = 0 ] || skip "it needs root"
  for program in dockerd debootstrap python3 setpriv; do command -v $program >/dev/null || skip "$program is missing"; done
  if "$docker" compose version >/dev/null 2>&1; then compose=("$docker" compose); else compose=(docker-compose); fi
  command -v "${compose[0]}" >/dev/null || skip 'there is neither "docker compose" nor docker-compose'

  manifests
  setsid setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child=KILL --mount-proc bash "$here/daemon.sh" "$work" >"$logs/daemon.log" 2>&1 </dev/null &
  daemon=$!
  within 60 daemon_is_decided >/dev/null 2>&1
  daemon_answers >/dev/null 2>&1 || skip "$(grep -v level=info "$logs/daemon.log" | tail -1)"

  make_images && bring_up || finish
  boot_guest && classic_exercise && lose_owners
  end_guest
  shows_and_mends_rot
  clients_without_mount
  finish
}

main
