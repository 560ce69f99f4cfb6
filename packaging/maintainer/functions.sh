# Functions of the maintainer scripts of the .deb and of the scriptlets of the .rpm.
state=/var/lib/riposte

# Prints the homes of the installations that are in use, one a line.
homes() {
  {
    for link in "$state"/homes/*; do
      [ ! -L "$link" ] || readlink "$link"
    done
    printf '%s\n' /var/ossec /opt/ossec /usr/local/ossec "$state"
    [ ! -e /etc/ossec-init.conf ] || sed -n 's/^DIRECTORY="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/ossec-init.conf
  } | sort -u | while read -r home; do
    manifest=$home/var/riposte/installed.json
    # riposte uninstall leaves a manifest that names no files.
    [ ! -e "$manifest" ] || grep -q '^ "files": {},*$' "$manifest" || echo "$home"
  done
}

# Keeps the settings of a host without a manager in /etc/riposte. An older installation keeps its own directory.
link_settings() {
  [ -d "$state" ] || mkdir -m 755 "$state"
  [ -e "$state/etc" ] || [ -L "$state/etc" ] || ln -s /etc/riposte "$state/etc"
}

# Brings the scripts in managers' homes to this version. If that fails, the scripts stay as they were.
update_homes() {
  homes | while read -r home; do
    alone=
    [ -e "$home/etc/ossec.conf" ] || alone=--standalone
    /usr/bin/riposte install --home "$home" $alone </dev/null ||
      echo "riposte: $home still has its old version (see above). Then run: riposte install --home $home $alone" >&2
  done
}

# Lets the host's presets decide which units start at boot. If riposte.service was enabled, it stays enabled.
apply_presets() {
  command -v systemctl >/dev/null || return 0
  systemctl preset riposte-sweep.timer riposte-restore.service || :
  if [ -n "$server_was_enabled" ]; then
    systemctl reenable riposte.service || :
  else
    systemctl preset riposte.service || :
  fi
} >/dev/null 2>&1

# Runs after the first installation of the package, and after each update of it.
configure() {
  server_was_enabled=
  ! systemctl is-enabled --quiet riposte.service 2>/dev/null || server_was_enabled=yes
  link_settings
  reload_systemd
  update_homes
}

reload_systemd() {
  [ ! -d /run/systemd/system ] || systemctl daemon-reload || :
}

# Unblocks all addresses and removes Riposte from all homes. The settings stay. Notes the homes for a purge.
remove_homes() {
  for home in $(homes); do
    echo "$home" >>"$state/removed-from"
    /usr/bin/riposte uninstall --home "$home" </dev/null || {
      echo "riposte: cannot be removed before riposte uninstall --home $home succeeds (see above)" >&2
      exit 1
    }
  done
  ! command -v systemctl >/dev/null || systemctl disable riposte.service riposte-sweep.timer riposte-restore.service >/dev/null 2>&1 || :
}

# Prints the paths of one list in a manifest. The list has one path a line.
listed() {
  sed -n "/^ \"$1\": \[\$/,/^ \]/s/^  \"\(.*\)\",\{0,1\}\$/\1/p" "$2"
}

# Removes the files that riposte uninstall has left in a home: settings, ledger, journal, and the backup of ossec.conf.
# The manager's account may have changed the manifest, so this function removes a file that the manifest lists only if
# the file is one of those that an installation can make.
purge_home() {
  manifest=$1/var/riposte/installed.json
  [ -e "$manifest" ] || return 0
  listed once "$manifest" | while read -r file; do
    case $file in
      "$1"/etc/riposte.conf | "$1"/etc/riposte.allow | "$1"/etc/riposte.mail) rm -f "$file" ;;
      "$1"/logs/active-responses.log | /etc/logrotate.d/riposte) rm -f "$file" ;;
    esac
  done
  rm -f "$1/etc/ossec.conf.before-riposte"
  directories=$(listed directories "$manifest" | sort -r)
  rm -rf "$1/var/riposte"
  for directory in $directories; do rmdir "$directory" 2>/dev/null || :; done
}

# Removes all remaining files, unless the other of the two packages has taken over.
purge() {
  ! [ -L /usr/lib/riposte/node ] && ! [ -e /usr/lib/riposte/node ] || return 0
  [ ! -e "$state/removed-from" ] || sort -u "$state/removed-from" | while read -r home; do purge_home "$home"; done
  purge_home "$state"
  rm -rf "$state" /etc/riposte
}
