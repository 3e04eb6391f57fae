#!/usr/bin/env bash
# base.sh DIRECTORY: makes, below DIRECTORY, the root file system that stands in for the public images where no registry is reached: Debian
# with the .NET runtime of this machine, etcd, Prometheus and clients. Prints its path. Made once per list of packages and runtime.
set -euo pipefail
packages=liblmdb0,libssl3,ca-certificates,etcd-server,etcd-client,libnfs-utils,smbclient,prometheus
suite=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
seconds_max=420

# The inner half, in a mount namespace of its own: nothing is left mounted, and nothing waits for a disk.
if [ "${1:-}" = --inside ]; then
  root=$(mktemp -d)
  trap 'umount "$root" && rmdir "$root"' EXIT
  mount -t tmpfs -o size=2g,mode=755 tmpfs "$root"
  timeout "$seconds_max" debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale,javascript}
  mkdir -p "$root/usr/share/dotnet"
  (cd "$2" && cp -a --parents dotnet LICENSE.txt host "shared/Microsoft.NETCore.App/$3" "shared/Microsoft.AspNetCore.App/$3" "$root/usr/share/dotnet")
  ln -s ../share/dotnet/dotnet "$root/usr/bin/dotnet"
  tar -C "$root" --one-file-system -cf "$4.new" .
  mv "$4.new" "$4"
  exit
fi

runtime=$(dotnet --list-runtimes | sed -n 's/^Microsoft.AspNetCore.App \(10\.[0-9.]*\) .*/\1/p' | sort -V | tail -1)
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
[ -d "$dotnet/shared/Microsoft.NETCore.App/$runtime" ] || { echo "no ASP.NET Core 10 runtime below $dotnet" >&2; exit 1; }
mkdir -p "$1"
tar=$1/base-$(printf '%s ' "$packages" "$suite" "$runtime" "$(uname -m)" | sha256sum | cut -c1-12).tar
[ -e "$tar" ] || unshare --mount "$0" --inside "$dotnet" "$runtime" "$tar" >&2
echo "$tar"
