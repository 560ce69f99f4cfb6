#!/usr/bin/env bash
# Unpacks firewalld for the tests into the directory that the argument names. Does not install firewalld, because Debian
# would start it, and firewalld would change this machine's own firewall. As root on Debian, installs the libraries and
# the message bus that firewalld needs; they bring no service. Prints missing packages, a line for each.
set -u
. "$(dirname "$0")/../../build/apt.sh"

cache=$1
export PATH="$PATH:/usr/sbin:/sbin" DEBIAN_FRONTEND=noninteractive

libraries() {
  /usr/bin/python3 -c 'import dbus' || echo python3-dbus
  /usr/bin/python3 -c 'import nftables' || echo python3-nftables
  /usr/bin/python3 -c 'from gi.repository import GLib' || printf '%s\n' python3-gi gir1.2-glib-2.0
  command -v dbus-daemon >/dev/null || echo dbus-daemon
} 2>/dev/null

missing() {
  libraries
  [ -x "$cache/root/usr/sbin/firewalld" ] || echo "firewalld (it is only unpacked, never installed)"
}

install_libraries() {
  mapfile -t packages < <(libraries)
  [ "${#packages[@]}" -eq 0 ] ||
    apt_get install -y --no-install-recommends "${packages[@]}"
}

# Unpacks into a temporary directory first, so that an interrupted run leaves nothing that looks complete.
unpack_firewalld() (
  fresh=$(mktemp -d "$cache/unpack.XXXXXX") || exit
  trap 'rm -rf "$fresh"' EXIT
  cd "$fresh" && apt_get download firewalld python3-firewall || exit
  for file in *.deb; do dpkg-deb -x "$file" root || exit; done
  rm -rf "$cache/root"
  mv root "$cache/root"
)

if [ "$(id -u)" -ne 0 ]; then
  echo "root (firewalld needs it)"
  missing
  exit
fi
mkdir -p "$cache"
# One run at a time: a second one would remove the directory that the first uses.
exec 9>"$cache/lock"
flock 9
if [ -n "$(missing)" ] && command -v apt-get >/dev/null; then
  install_libraries && unpack_firewalld
fi >&2
missing
