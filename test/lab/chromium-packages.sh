#!/usr/bin/env bash
# Installs Debian's Chromium, as root on Debian, for the tests that open a page. Chromium brings no service.
# Prints missing programs, as the reason why those tests are skipped.
set -u
. "$(dirname "$0")/../../build/apt.sh"

export DEBIAN_FRONTEND=noninteractive
browser=/usr/bin/chromium

if [ ! -x "$browser" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt_get install -y --no-install-recommends chromium fonts-dejavu-core
fi >&2
[ -x "$browser" ] || echo chromium
