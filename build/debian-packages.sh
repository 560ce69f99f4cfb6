#!/usr/bin/env bash
# Installs the Debian packages that the demo, the tests and the bench use. As root on Debian (or a
# derivative) it installs what is missing; otherwise it says what is missing and leaves it at that.
# Services are not started: the demo and the tests run an Apache of their own in a private network.
set -eu

declare -A package_of=(
  [nft]=nftables [ip]=iproute2 [iptables]=iptables [ipset]=ipset [curl]=curl
  [openssl]=openssl [msmtp]=msmtp [busybox]=busybox
  [apache2]=apache2 [/usr/lib/apache2/modules/mod_security2.so]=libapache2-mod-security2
)
export PATH="$PATH:/usr/sbin:/sbin"

missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || [ -e "$program" ] || missing+=("${package_of[$program]}")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "Not root: cannot install ${missing[*]}. What needs them is skipped, and said to be."
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "No apt-get here: please install ${missing[*]} yourself. What needs them is skipped, and said to be."
  exit 0
fi

echo "Installing the Debian packages ${missing[*]} …"
# Debian starts a service as soon as it is installed, unless this file says no (policy-rc.d, exit 101).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "apt-get could not install ${missing[*]} (see above)." >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
