#!/usr/bin/env bash
# Makes the root file system of a Debian release with debootstrap, for the tests of packages:
#   debian-root.sh DIRECTORY RELEASE PACKAGE,PACKAGE
# The file system stays in DIRECTORY. If it cannot be made, the script prints the reason.
set -u
. "$(dirname "$0")/../../build/apt.sh"

directory=$1 release=$2 packages=$3
export PATH="$PATH:/usr/sbin:/sbin" DEBIAN_FRONTEND=noninteractive

if [ "$(id -u)" -ne 0 ]; then
  echo "root (debootstrap needs it)"
  exit
fi
if ! command -v debootstrap >/dev/null && command -v apt-get >/dev/null; then
  apt_get install -y --no-install-recommends debootstrap
fi >&2
if ! command -v debootstrap >/dev/null; then
  echo "debootstrap (apt-get could not install it; see above)"
  exit
fi
cache=$(dirname "$directory")
mkdir -p "$cache"
# One run at a time for a directory: a second one would make the same root.
exec 9>"$directory.lock"
flock 9
[ ! -e "$directory" ] || exit 0
mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -v security | head -n 1)
fresh=$(mktemp -d "$cache/fresh.XXXXXX") || exit
trap 'rm -rf "$fresh"' EXIT
bootstrap() {
  rm -rf "$fresh/root"
  debootstrap --variant=minbase --include="$packages" "$release" "$fresh/root" ${mirror:+"$mirror"} >"$fresh/log" 2>&1
}
# A mirror may fail once.
if bootstrap || { sleep 20; bootstrap; }; then
  # Without these files, each copy of the root is smaller.
  rm -rf "$fresh"/root/var/cache/apt/archives/*.deb "$fresh"/root/var/lib/apt/lists/*
  mv "$fresh/root" "$directory"
else
  echo "a mirror of Debian with $release (debootstrap has failed twice)"
  tail -n 12 "$fresh/log"
fi
