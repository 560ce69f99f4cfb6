#!/usr/bin/env bash
# Installs Debian's Chromium for the tests that look at a page, as root on Debian; it brings no service. Prints
# what is missing then, for the reason why those tests are skipped.
set -u
. "$(dirname "$0")/../../build/apt.sh"

export DEBIAN_FRONTEND=noninteractive
browser=/usr/bin/chromium

if [ ! -x "$browser" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt_get install -y --no-install-recommends chromium fonts-dejavu-core
fi >&2
[ -x "$browser" ] || echo chromium
