#!/usr/bin/env bash
# Gets firewalld for the tests into the directory that is its argument, without installing it: Debian would
# start it, and it would change this machine's own firewall. What it needs besides are libraries and a message
# bus without a service; as root on Debian these are installed. Prints what is missing then, a line for each.
set -u

cache=$1
export PATH="$PATH:/usr/sbin:/sbin" DEBIAN_FRONTEND=noninteractive

libraries() {
  /usr/bin/python3 -c 'import dbus' || echo python3-dbus
  /usr/bin/python3 -c 'import nftables' || echo python3-nftables
  /usr/bin/python3 -c 'import dbus.mainloop.glib; from gi.repository import GLib' ||
    printf '%s\n' python3-gi gir1.2-glib-2.0
  command -v dbus-daemon >/dev/null || echo dbus-daemon
} 2>/dev/null

# A directory of its own until it is complete: a run that is cut short leaves nothing that looks whole.
extract() (
  fresh=$(mktemp -d "$cache.XXXXXX") && trap 'rm -rf "$fresh"' EXIT && cd "$fresh" || exit
  apt-get download firewalld python3-firewall && for file in *.deb; do dpkg-deb -x "$file" root; done || exit
  mkdir -p "$cache" && rm -rf "$cache/root" && mv root "$cache/root"
)

mapfile -t missing < <(libraries)
if [ "$(id -u)" -ne 0 ]; then
  printf '%s\n' "root (firewalld asks for it)" "${missing[@]/%/ (not root)}" | sed '/^ *(not root)$/d'
  exit
fi
if ! command -v apt-get >/dev/null; then
  [ -x "$cache/root/usr/sbin/firewalld" ] || missing+=(firewalld)
  printf '%s (no apt-get)\n' ${missing[@]+"${missing[@]}"} | sed '/^ (no apt-get)$/d'
  exit
fi

[ "${#missing[@]}" -eq 0 ] && [ -x "$cache/root/usr/sbin/firewalld" ] && exit
{
  mkdir -p "$(dirname "$cache")"
  # Without package lists nothing can be had; with old ones neither, sometimes.
  [ "${#missing[@]}" -eq 0 ] && extract || {
    apt-get update -q
    [ "${#missing[@]}" -eq 0 ] ||
      apt-get install -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends "${missing[@]}"
    extract
  }
} >&2
libraries
[ -x "$cache/root/usr/sbin/firewalld" ] || echo "firewalld (apt-get download)"
