# For scripts that fetch Debian packages: an apt-get that retries.

# Runs apt-get with these words. When it fails, tries up to three times more, with new package lists: those of a clean
# machine are absent or old, a mirror may fail once, and another run may be reading the lists. Waits for the dpkg lock.
apt_get() {
  local pause
  for pause in 0 10 30; do
    apt-get -q -o DPkg::Lock::Timeout=240 "$@" && return
    echo "apt-get $1 has failed (see above): trying again in $pause s, with new package lists"
    sleep "$pause"
    apt-get -q update
  done
  apt-get -q -o DPkg::Lock::Timeout=240 "$@"
}
