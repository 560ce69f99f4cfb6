#!/usr/bin/env bash
# Gets firewalld for the tests into the directory that is its argument, without installing it: Debian would
# start it, and it would change this machine's own firewall. What it needs besides are libraries and a message
# bus without a service; as root on Debian these are installed. Prints what is missing then, a line for each.
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

# In a directory of its own until it is complete: a run that is cut short leaves nothing that looks whole.
unpack_firewalld() (
  fresh=$(mktemp -d "$cache/unpack.XXXXXX") || exit
  trap 'rm -rf "$fresh"' EXIT
  cd "$fresh" && apt_get download firewalld python3-firewall || exit
  for file in *.deb; do dpkg-deb -x "$file" root || exit; done
  rm -rf "$cache/root"
  mv root "$cache/root"
)

if [ "$(id -u)" -ne 0 ]; then
  echo "root (firewalld asks for it)"
  missing
  exit
fi
mkdir -p "$cache"
# One at a time: a second one would take away what the first has begun to use.
exec 9>"$cache/lock"
flock 9
if [ -n "$(missing)" ] && command -v apt-get >/dev/null; then
  install_libraries && unpack_firewalld
fi >&2
missing
