# For scripts that fetch Debian packages: an apt-get that retries, for one process at a time.

# Runs apt-get with these words. When it fails, tries up to three times more, with new package lists: the lists of a
# clean machine are missing or old, and a mirror may fail once. One call runs at a time on this machine: apt waits only
# for the lock of dpkg, and fails while another process holds the lock of the lists or of the downloads.
apt_get() (
  if [ -r /var/lib/dpkg ]; then
    exec 8</var/lib/dpkg
    if ! flock -w 900 8; then
      echo "apt-get $*: not run, because another one has run for 15 minutes" >&2
      exit 75
    fi
  fi
  for pause in 0 10 30; do
    apt-get -q -o DPkg::Lock::Timeout=240 "$@" 8>&- && exit
    echo "apt-get $1 has failed (see above): trying again in $pause s, with new package lists"
    sleep "$pause"
    apt-get -q update 8>&-
  done
  apt-get -q -o DPkg::Lock::Timeout=240 "$@" 8>&-
)
