#!/bin/bash
# What people do with a share over SMB, by the kernel's own client: once for each dialect, plain, signed and sealed.
# From the host: LAB_SMB_PORT, LAB_SMB_SHARE, LAB_MODES (dialect:protection,…), LAB_FILES (in the directory "many"),
# and LAB_CREDENTIALS, a file of the host as mount.cifs reads it.
. "$LAB_WORK/guest/common.sh"
modprobe cifs

mount_smb() { # mount_smb DIALECT PROTECTION [DIRECTORY]
  local options="credentials=$LAB_CREDENTIALS,port=${LAB_SMB_PORT:-445},vers=$1,mfsymlinks,hard"
  case $2 in
  sign | seal) options=$options,$2 ;;
  esac
  mount -t cifs "//$LAB_HOST/${LAB_SMB_SHARE:-files}" "${3:-$share}" -o "$options"
}

mounted() {
  mount_smb "$1" "$2"
  grep " $share cifs " /proc/mounts
  [ "$2" != seal ] || grep " $share cifs " /proc/mounts | grep -q 'seal'
  df -k "$share" | tail -1 | awk '$4 > 0 { ok = 1 } END { exit !ok }'
  mkdir "$work"
}

copy_tree() {
  [ -d /tmp/tree ] || bash "$LAB_WORK/guest/make-tree.sh" /tmp/tree 80 2
  cp -r /tmp/tree "$work/tree"
  diff -r /tmp/tree "$work/tree"
  echo 3 > /proc/sys/vm/drop_caches
  diff -r /tmp/tree "$work/tree"
  rm -r "$work/tree"
  [ ! -e "$work/tree" ]
}

git_history() {
  local i
  git config --global user.email lab@example.org
  git config --global user.name lab
  git config --global init.defaultBranch main
  git config --global gc.auto 0
  git config --global safe.directory '*'
  git init -q "$work/history"
  cd "$work/history"
  for i in $(seq 6); do
    echo "line $i" >> "file$((i % 5))"
    git add -A
    git commit -q -m "commit $i"
  done
  [ "$(git rev-list --count HEAD)" = 6 ]
  git gc -q --prune=now
  git fsck --full --strict
  [ "$(cat file* | wc -l)" = 6 ]
  [ -z "$(git status --porcelain)" ]
}

fio_verify() {
  local rw
  for rw in write randwrite; do
    fio --name="$rw" --directory="$work" --rw=$rw --bsrange=4k-1m --size=6m --thread --ioengine=psync --end_fsync=1 \
      --verify=crc32c --verify_fatal=1 --do_verify=1 --fallocate=none --output-format=terse --randseed=7
    rm "$work/$rw."*
  done
  fio --name=small --directory="$work" --rw=randwrite --bs=4k --size=512k --thread --ioengine=psync --fsync=16 \
    --verify=crc32c --verify_fatal=1 --fallocate=none --output-format=terse --randseed=11
  rm "$work/small."*
}

many_files() {
  cd "$share/many"
  [ "$(ls -f | grep -c '^f')" = "$LAB_FILES" ]
  [ "$(cat f0)" = data ]
  [ "$(cat F0)" = data ]
  [ ! -e "f$LAB_FILES" ]
}

symlinks() {
  cd "$work"
  echo target > target
  ln -s target link
  [ "$(readlink link)" = target ]
  [ "$(cat link)" = target ]
  rm link target
}

rename_over_open() {
  cd "$work"
  echo old > target
  echo new > source
  exec 8< target
  [ "$(cat <&8)" = old ]
  mv -f source target
  exec 8<&-
  [ "$(cat target)" = new ]
  [ ! -e source ]
  mkdir directory
  echo inside > directory/file
  mv directory moved
  [ "$(cat moved/file)" = inside ]
  rm -r moved target
}

# Two mounts of one kernel share its lock table; a second connection (nosharesock) is another client of the server.
locks() {
  cd "$work"
  : > locked
  exec 9<> locked
  flock -n -x 9
  mkdir -p /mnt/other
  local options="credentials=$LAB_CREDENTIALS,port=${LAB_SMB_PORT:-445},vers=$1,nosharesock"
  mount -t cifs "//$LAB_HOST/${LAB_SMB_SHARE:-files}" /mnt/other -o "$options"
  ! flock -n -x "/mnt/other/${work##*/}/locked" true
  exec 9>&-
  flock -w 10 -x "/mnt/other/${work##*/}/locked" true
  umount /mnt/other
}

attributes() {
  cd "$work"
  echo content > plain
  touch -d '2001-02-03 04:05:06' plain
  [ "$(stat -c %Y plain)" = "$(date -d '2001-02-03 04:05:06' +%s)" ]
  truncate -s 5M plain
  [ "$(stat -c %s plain)" = 5242880 ]
  truncate -s 3 plain
  [ "$(cat plain)" = con ]
  ln plain hard
  [ "$(cat hard)" = con ]
  echo x > 'name with  blanks and ä'
  [ "$(cat 'name with  blanks and ä')" = x ]
  mkdir -p deep/er/and/deeper
  rmdir deep/er/and/deeper
  ! rmdir deep
  [ -e PLAIN ]
}

unmounted() {
  cd /
  rm -rf "$work"
  [ ! -e "$work" ]
  umount "$share"
}

for mode in ${LAB_MODES//,/ }; do
  dialect=${mode%%:*}
  protection=${mode##*:}
  name=$dialect-$protection
  work=$share/w-$name
  check "$name.mount" mounted "$dialect" "$protection"
  grep -q " $share cifs " /proc/mounts || continue
  check "$name.copy" copy_tree
  check "$name.git" git_history
  check "$name.fio" fio_verify
  check "$name.many" many_files
  check "$name.symlinks" symlinks
  check "$name.rename" rename_over_open
  check "$name.locks" locks "$dialect"
  check "$name.attributes" attributes
  check "$name.unmount" unmounted
done
