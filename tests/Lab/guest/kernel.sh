#!/bin/bash
# What people do with a share, by the kernel's own client. Each check is one test of the host.
. "$LAB_WORK/guest/common.sh"

showmount_lists() { showmount -e "$LAB_HOST" | tee /dev/stderr | grep -q '^/files'; }

bare_mount() {
  start_locking
  time mount_bare
  cat /proc/mounts
  grep " $share nfs " /proc/mounts | grep -v nolock
  flock "$share" true
  touch "$share/locked"
  flock -x "$share/locked" -c 'echo held'
}

copy_tree() {
  mkdir "$share/copy"
  cp -r /usr/share/doc "$share/copy/"
  diff -r --no-dereference /usr/share/doc "$share/copy/doc"
}

build_program() {
  bash "$LAB_WORK/guest/make-program.sh" /tmp/program
  tar -C /tmp -cf /tmp/program.tar program
  cd "$share"
  tar xf /tmp/program.tar
  cd program
  make -j2
  [ "$(./sum)" = "$(cat expected)" ]
  make clean
  [ ! -e sum ]
}

git_history() {
  git config --global user.email lab@example.org
  git config --global user.name lab
  git config --global init.defaultBranch main
  git config --global gc.auto 0
  git init -q "$share/history"
  cd "$share/history"
  set +x
  for i in $(seq 200); do
    echo "line $i" >> "file$((i % 10))"
    [ $i -gt 10 ] || git add -A
    git commit -q -a -m "commit $i"
  done
  set -x
  [ "$(git rev-list --count HEAD)" = 200 ]
  git gc -q --prune=now
  git fsck --full --strict
  [ "$(cat file* | wc -l)" = 200 ]
  [ -z "$(git status --porcelain)" ]
}

fio_verify() {
  for rw in write randwrite; do
    for bs in 4k 64k 1m; do
      size=32m
      [ $bs != 4k ] || size=8m
      fio --name="$rw-$bs" --directory="$share" --rw=$rw --bs=$bs --size=$size --thread --ioengine=psync --end_fsync=1 \
        --verify=crc32c --verify_fatal=1 --do_verify=1 --fallocate=none --output-format=terse --randseed=7
      rm "$share/$rw-$bs."*
    done
  done
  fio --name=mixed --directory="$share" --rw=randrw --bsrange=4k-1m --size=32m --numjobs=2 --thread --ioengine=psync \
    --direct=1 --verify=crc32c --verify_fatal=1 --fallocate=none --output-format=terse --randseed=11
  rm "$share"/mixed.*
}

# The host has put them there, so that this is not bound by one create after another of one client.
# Of the sizes it asks for a thousand: by then the attributes of the listing are too old, and each is a GETATTR.
many_files() {
  cd "$share/many"
  [ "$(ls -f | grep -c '^f')" = "$LAB_FILES" ]
  [ "$(ls -l | grep -c '^-rw-r--r--')" = "$LAB_FILES" ]
  [ "$(find . \( -name 'f*00' -o -name f0 \) -size 5c | wc -l)" = $((LAB_FILES / 1000)) ]
  cat f*000 f0 | sort | uniq -c | grep -q "$((LAB_FILES / 1000)) data$"
  cd ..
  rm -rf many
  [ ! -e many ]
}

create_files() {
  mkdir "$share/made"
  set +x
  for i in $(seq 2000); do : > "$share/made/f$i"; done
  set -x
  [ "$(ls "$share/made" | wc -l)" = 2000 ]
  rm -rf "$share/made"
}

sqlite_two() {
  mkdir -p "$share/db"
  sqlite3 "$share/db/t.db" 'create table t(who text, n integer);'
  writer() {
    for n in $(seq 30); do
      echo "insert into t values('$1', $n);"
    done | sqlite3 -bail -cmd '.timeout 60000' "$share/db/t.db"
  }
  writer a &
  one=$!
  writer b &
  two=$!
  wait $one
  wait $two
  [ "$(sqlite3 "$share/db/t.db" 'pragma integrity_check;')" = ok ]
  [ "$(sqlite3 "$share/db/t.db" 'select count(*), sum(n) from t;')" = '60|930' ]
}

sparse_file() {
  truncate -s 6G "$share/sparse"
  for at in 0 3000 6143; do
    echo "at $at" | dd of="$share/sparse" bs=1M seek=$at conv=notrunc,fsync
  done
  [ "$(stat -c %s "$share/sparse")" = 6442450944 ]
  echo 3 > /proc/sys/vm/drop_caches
  for at in 0 3000 6143; do
    [ "$(dd if="$share/sparse" bs=1M skip=$at count=1 | head -1 | tr -d '\0')" = "at $at" ]
  done
  cmp <(dd if="$share/sparse" bs=1M skip=1500 count=4) <(head -c 4M /dev/zero)
  [ "$(du -k "$share/sparse" | cut -f1)" -lt 65536 ]
  truncate -s 1 "$share/sparse"
  [ "$(stat -c %s "$share/sparse")" = 1 ]
}

rename_over_open() {
  cd "$share"
  echo old > target
  echo new > source
  exec 8< target
  mv -f source target
  [ "$(cat <&8)" = old ]
  exec 8<&-
  [ "$(cat target)" = new ]
  [ ! -e source ]

  # The kernel removes what it had renamed by itself once the file is closed, in the background.
  for _ in $(seq 100); do
    ls -a | grep -q '^\.nfs' || return 0
    sleep 0.1
  done
  ls -a
  return 1
}

names_and_links() {
  mkdir "$share/kinds"
  cd "$share/kinds"
  long=$(printf 'n%.0s' $(seq 255))
  echo long > "$long"
  [ "$(cat "$long")" = long ]
  ! : > "${long}n"
  ln -s "$long" symbolic
  [ "$(readlink symbolic)" = "$long" ]
  ln "$long" hard
  [ "$(stat -c %h hard)" = 2 ]
  mkfifo fifo
  mknod null c 1 3
  [ "$(stat -c '%F %t %T' null)" = 'character special file 1 3' ]
  echo 'ä ö \ * ?' > 'ä ö \ * ?'
  [ "$(cat 'ä ö \ * ?')" = 'ä ö \ * ?' ]
  chmod 0751 hard
  chown 12:34 hard
  touch -d '2001-02-03 04:05:06.789' hard
  [ "$(stat -c '%a %u %g %y' hard | cut -c1-37)" = '751 12 34 2001-02-03 04:05:06.7890000' ]
  [ "$(stat -f -c %S "$share")" -gt 0 ]
  df -k "$share" | tail -1 | awk '$4 > 0 { ok = 1 } END { exit !ok }'
}

remount_compare() {
  cd /
  tree_sum() { (cd "$share" && find . -type f ! -path './many/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }
  tree_sum > /tmp/before
  ls -lR --time-style=full-iso "$share" | sed 's/^total .*//' > /tmp/list-before
  umount "$share"
  ! ls "$share/copy"
  mount_ports
  tree_sum > /tmp/after
  ls -lR --time-style=full-iso "$share" | sed 's/^total .*//' > /tmp/list-after
  cmp /tmp/before /tmp/after
  diff /tmp/list-before /tmp/list-after
  [ -s /tmp/after ]
}

check showmount showmount_lists
check bare-mount bare_mount
mountpoint -q "$share" || check ports-mount mount_ports
if ! mountpoint -q "$share"; then
  echo "nothing is mounted"
  exit 1
fi
check copy-tree copy_tree
check build-program build_program
check git-history git_history
check fio-verify fio_verify
check create-files create_files
check many-files many_files
check sqlite-two-processes sqlite_two
check sparse-file sparse_file
check rename-over-open rename_over_open
check names-and-links names_and_links
check remount-compare remount_compare
umount "$share"
