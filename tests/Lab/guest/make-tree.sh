#!/bin/bash
# make-tree.sh DIRECTORY FILES LARGE_MIB: small files in directories, and one large file.
set -eu
mkdir -p "$1"
cd "$1"
for ((i = 0; i < $2; i++)); do
  [ $((i % 50)) != 0 ] || mkdir -p "d$((i / 50))"
  printf 'file %d of a tree %0*d\n' "$i" $((1 + (i * 977) % 12000)) 7 > "d$((i / 50))/f$i"
done
head -c "$3M" /dev/urandom > large
