#!/usr/bin/env bash
# Installs Debian's Chromium for the tests that look at a page, as root on Debian; it brings no service. Prints
# what is missing then, for the reason why those tests are skipped.
set -u

export DEBIAN_FRONTEND=noninteractive
browser=/usr/bin/chromium

install_browser() {
  apt-get install -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends chromium fonts-dejavu-core
}

if [ ! -x "$browser" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  # Only a machine whose package lists are absent or old needs a second try; while another test fetches them, a third.
  for pause in 0 20 40; do
    install_browser && break
    sleep "$pause"
    apt-get update -q
  done >&2
  [ -x "$browser" ] || install_browser >&2
fi
[ -x "$browser" ] || echo chromium
