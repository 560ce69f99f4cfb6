#!/usr/bin/env bash
# Finds the missing ones of the Debian packages that the demo, the tests and the bench use. As root on Debian (or a
# derivative), installs them; otherwise only lists them. Starts no services: the demo and the tests run their own Apache
# in a private network.
set -eu
. "$(dirname "$0")/apt.sh"

declare -A package_of=(
  [nft]=nftables [ip]=iproute2 [iptables]=iptables [ipset]=ipset [curl]=curl
  [openssl]=openssl [msmtp]=msmtp [busybox]=busybox [dnsmasq]=dnsmasq-base [xz]=xz-utils [bzip2]=bzip2 [zstd]=zstd
  [apache2]=apache2 [/usr/lib/apache2/modules/mod_security2.so]=libapache2-mod-security2
)
export PATH="$PATH:/usr/sbin:/sbin"

packages_missing() {
  local program
  for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || [ -e "$program" ] || echo "${package_of[$program]}"
  done
}
mapfile -t missing < <(packages_missing)
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Not root: cannot install ${missing[*]}. Tests that need them are skipped, and listed."
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "No apt-get here: install ${missing[*]} yourself. Tests that need them are skipped, and listed."
  exit 0
fi

echo "Installing the Debian packages ${missing[*]} …"
# Only one run at a time: a second run would assume that an administrator made the file below, although the first run
# made it and removes it.
exec 9</usr/sbin
flock 9
mapfile -t missing < <(packages_missing)
[ "${#missing[@]}" -gt 0 ] || exit 0
# Debian starts a service as soon as it is installed, unless this file forbids it (policy-rc.d, exit 101).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! apt_get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "apt-get could not install ${missing[*]} (see above), four times: is a mirror of Debian in reach?" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
