# What run.sh does, step by step.

# What can be said of the Kubernetes manifests without a cluster; and that this is able to say no.
manifests() {
  local program=("$root/nasgate") edited=$work/kubernetes
  check 'Kubernetes manifests hold together' python3 "$here/manifests.py" "$root/container/kubernetes" "${program[@]}"
  cp -r "$root/container/kubernetes" "$edited"
  sed -i '0,/--ready-port=9000/s//--ready-port=9001/' "$edited/gateway.yaml"
  check 'a wrong port in a manifest is seen' fails python3 "$here/manifests.py" "$edited" "${program[@]}"
}
fails() { ! "$@"; }

make_images() {
  local base started=$SECONDS
  base=$("$here/base.sh" "$root/artifacts/containers" 2>"$logs/base.log") || { count 'base image' 1 "$logs/base.log"; return 1; }
  say "measured: base image $((SECONDS - started)) s"
  check 'base image' import "$base" || return
  check 'program published' "$root/nasgate" --version || return
  check 'image built upon a base without a registry' "$docker" build -f "$root/container/Dockerfile" -t "$NASGATE_IMAGE" \
    --build-arg BASE=nasgate-test/base --build-arg PROGRAM=prebuilt "$root" || return
  check 'client image built' "$docker" build -t "$CLIENT_IMAGE" --build-arg BASE=nasgate-test/base "$root/container/client" || return
  check 'runs without root on a read-only root' runs_alone
}

import() { "$docker" import - nasgate-test/base <"$1"; }

runs_alone() {
  local alone=(run --rm --read-only --cap-drop ALL --network none)
  [ "$("$docker" "${alone[@]}" --entrypoint id "$NASGATE_IMAGE" -u)" = 1654 ] && "$docker" "${alone[@]}" "$NASGATE_IMAGE" serve --help
}

bring_up() {
  local started=$SECONDS
  install -m 0400 -o 1654 -g 1654 <(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n') "$NASGATE_SECRET"
  check 'compose accepts the file' compose config -q || return
  check 'cluster up' compose up -d --no-build || return
  check 'containers healthy' within 120 all_healthy || { states; return 1; }
  check 'volume served' within 60 has_owner || { states; return 1; }
  say "measured: compose cluster up, healthy and serving after $((SECONDS - started)) s"
  check 'peers seen' within 30 nodes_are 'up up up' False
  check 'the other gateway stands by' [ "$(of_volume "$(other_than "$(owner)")" "v['role']")" = standby ]
}

states() {
  compose ps
  local service
  for service in etcd1 node1 gateway1 gateway2; do
    echo "== $service"
    "$docker" logs --tail 15 "$(container $service)" 2>&1
  done
}

# A kernel of its own, as another machine in the network of the containers.
boot_guest() {
  local bridge
  bridge=br-$("$docker" network inspect -f '{{.Id}}' nasgate_nasgate | cut -c1-12)
  nsenter --net -t "$daemon" ip tuntap add tap0 mode tap && nsenter --net -t "$daemon" ip link set tap0 master "$bridge" up ||
    { count 'kernel client boots' 1; return 1; }
  cp "$root"/tests/Lab/guest/{init,common,make-tree}.sh "$here/guest.sh" "$guest/guest/"
  chmod +x "$guest/guest/init.sh"
  TMPDIR=/var/tmp setsid setpriv --pdeathsig KILL nsenter --net -t "$daemon" linux.uml mem=768M root=/dev/root rootfstype=hostfs rootflags=/ rw init="$guest/guest/init.sh" \
    eth0=tuntap,tap0 con=null con0=fd:0,fd:1 quiet LAB_WORK="$guest" LAB_ADDRESS=$guest_address LAB_HOST=$volume_address \
    LAB_SCRIPT=guest.sh LAB_GUEST=machine LAB_CHECK_S=300 >"$logs/kernel.log" 2>&1 </dev/null &
  kernel=$!
  check 'kernel client boots' within 90 marked booted
}

classic_exercise() {
  within 200 marked written
  check 'every node has it' is_clean
  check 'node1 stops' compose stop node1
  check 'the loss is seen' within 30 nodes_are 'down up up' False
  go node-stopped
  within 200 marked went-on
  check 'what it missed is owed' nodes_are 'down up up' True
  check 'node1 starts' compose start node1
  check 'healed without being asked' within 120 nodes_are 'up up up' False
  check 'verify is clean' is_clean
  go node-started
  within 400 marked ready-to-copy
}

lose_owners() {
  local first second
  first=$(owner)
  within 60 marked copying-stopped
  check 'the owner stops in the middle of a copy' compose stop "$first"
  check 'the other one serves' within 60 has_owner
  go stopped
  within 200 marked survived-stop
  check 'it starts again' compose start "$first"
  second=$(other_than "$first")
  check 'it stands by' within 60 stands_by "$first"
  within 60 marked copying-killed
  check 'the owner is killed in the middle of a copy' compose kill "$second"
  check 'the first one serves again' within 60 owns "$first"
  go killed
  check 'the killed one starts again' compose start "$second"
}

stands_by() { [ "$(of_volume "$1" "v['role'], v['behindMilliseconds']")" = "('standby', 0)" ]; }
owns() { [ "$(owner)" = "$1" ]; }

# What the scripts of the guest found, a check each.
end_guest() {
  local name code checks=0
  [ -n "$kernel" ] || return
  within 300 [ -e "$guest/rc" ]
  while read -r _ name code _; do
    count "kernel client: $name" "$code" "$guest/$name.log"
    checks=$((checks + 1))
  done < <(grep '^check ' "$guest/out")
  [ $checks = "$(grep -c '^check ' "$here/guest.sh")" ] || count 'kernel client: all checks came to an end' 1 "$guest/out"
  grep '^measured: ' "$guest/out"
  within 10 kernel_has_ended || kill -KILL -- "-$kernel" 2>/dev/null
  kernel=
}
kernel_has_ended() { ! kill -0 "$kernel" 2>/dev/null; }

# A verification that finds nothing would prove nothing: one bit on one node.
shows_and_mends_rot() {
  check 'verify is clean after all that' within 60 is_clean
  check 'a flipped bit on node2 is found' finds_rot
  check 'and mended' within 120 is_clean
}

finds_rot() {
  local marker slices before
  marker=$(head -c 48 /dev/urandom | base64 -w0)
  yes "$marker" | head -c 4M >"$work/rot"
  "$docker" exec -i "$(container client)" sh -c 'cat >/tmp/rot' <"$work/rot"
  inside client nfs-cp /tmp/rot "nfs://$volume_address/files/everybody/rot" || return
  before=$(of_volume "$(owner)" "v['damageFound']")
  slices=$("$docker" volume inspect -f '{{.Mountpoint}}' nasgate_node2)
  python3 "$here/flip.py" "$marker" "$slices" || return
  ! is_clean || [ "$(of_volume "$(owner)" "v['damageFound']")" -gt "$before" ]
}

# The client of the compose file, over both protocols; and what Prometheus sees.
clients_without_mount() {
  check 'client container: NFS' copies_over_nfs
  check 'client container: SMB' copies_over_smb
  check 'Prometheus reads all' within 60 nsenter --net -t "$daemon" python3 "$here/prometheus.py" 172.30.77.70
}

copies_over_nfs() {
  local file=nfs://$volume_address/files/everybody/one
  inside client sh -c "head -c 3M /dev/urandom >/tmp/one && nfs-cp /tmp/one $file && nfs-cp $file /tmp/two && cmp /tmp/one /tmp/two"
}

copies_over_smb() {
  printf 'Pass1word\n' | "$docker" exec -i -u 1654 "$(container "$(owner)")" nasgate user add alice --password-stdin || return
  inside client sh -c "smbclient -s /dev/null //$volume_address/files -U alice%Pass1word -D everybody \
    -c 'put /tmp/one three; get three /tmp/three' && cmp /tmp/one /tmp/three" &&
    inside client nfs-ls "nfs://$volume_address/files/everybody" | grep -E ' 3145728 three$'
}
