# For scripts that fetch Debian packages: an apt-get that retries. Only one process at a time runs it.

# Runs apt-get with the given arguments. If apt-get fails, runs it up to three times more, with new package lists: the
# lists of a clean machine are missing or old, and a mirror may fail once. Only one call runs at a time on this machine,
# because apt waits only for the lock of dpkg: apt fails while another process holds the lock of the package lists or of
# the downloads.
apt_get() (
  if [ -r /var/lib/dpkg ]; then
    exec 8</var/lib/dpkg
    if ! flock -w 900 8; then
      echo "apt-get $*: not run, because another apt-get has run for 15 minutes" >&2
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
