#!/bin/sh
# Starts Riposte in a container: names the features that are not possible there, restores the blocks, and runs the verb
# that its arguments name.
set -eu

state=/var/lib/riposte
verb=${1:-serve}

say() {
  echo "riposte container: $*" >&2
}

# CAP_NET_ADMIN is bit 12 of the effective capabilities.
may_change_firewall() {
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
  [ $((0x$capabilities >> 12 & 1)) -eq 1 ]
}

# True if the default route leaves by a veth, as from the network of a container.
has_own_network() {
  device=$(ip -o route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  [ -n "$device" ] && [ -n "$(ip -o link show dev "$device" type veth)" ]
}

blocks() {
  [ "$verb" = serve ] || return 1
  for word; do
    [ "$word" != --simulate ] || return 1
  done
}

if blocks "$@"; then
  if ! may_change_firewall; then
    say "cannot block anybody without the capability NET_ADMIN: start it with --cap-add NET_ADMIN, or with serve --simulate"
    exit 77
  fi
  ! has_own_network ||
    say "this looks like a network of the container's own: blocks hold for the container alone, not for the host; start it with --network host"
fi
if [ "$verb" = serve ]; then
  grep -q " $state " /proc/self/mountinfo ||
    say "$state is not a volume: blocks, journal and positions in logs are lost with the container; start it with --volume riposte:$state"
  say "not possible in a container: responses of OSSEC and Wazuh, firewalld and pf of the host, a reload of the host's Apache (APACHE_DENY=map needs none), units of the journal, sendmail"
fi
if [ ! -w "$state" ]; then
  say "$state cannot be written: mount a volume there"
  exit 74
fi
# A volume that is not a copy of the image's directory lacks the link to the settings.
[ -e "$state/etc" ] || [ -L "$state/etc" ] || ln -s /etc/riposte "$state/etc"
# A reboot of the host may have removed the blocks from the host's kernel.
! blocks "$@" || [ ! -d "$state/var/riposte/blocks" ] || riposte restore --home "$state" ||
  say "some blocks are not restored: the sweep tries again"
exec riposte "${@:-serve}"
