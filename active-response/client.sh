#!/bin/sh
':' /*
# Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.
#
# Node reads this part as a comment. The shell runs it as the client: it hands the request to the daemon (`riposte respond`
# or `riposte serve`) and returns the daemon's answer. If no daemon runs or no answer comes, it runs this file with Node.
# So an alert costs a shell instead of a Node process. Write no asterisk right before a slash here.
#
# Why it is safe:
# - Client and daemon meet in a directory that only root can enter (0700) and that this user owns.
# - The client parses and evaluates nothing: it writes arguments and message to a file unchanged, behind their number, each
#   ended by a NUL, which none of them can hold. The daemon ignores incomplete files.
# - The request's name is this process's ID and the time since boot, so it is unique. The daemon takes a request, or
#   the client takes it back, by removing or renaming its file: only one of them can succeed.
# - One byte into a FIFO opened for reading and writing wakes the daemon: this write never waits for a reader, and a pipe
#   holds 65,536 bytes.
# - The daemon writes the answer as a whole file, by rename, and then a line into the client's slot, a FIFO. The daemon
#   holds it open as well: when the daemon ends, the client reads its end. If the daemon is stopped or hung, its watchdog
#   (daemon/watchdog.sh) sends the client away, and Node does the work. If the daemon is merely busy, keep waiting:
#   spawning Node would only add load.
node=node
response=RESPONSE
# As in Node, a closed output must not end this process.
trap '' PIPE
# Lengths count bytes in any locale of the manager.
LC_ALL=C

run_node() {
  ! command -v "$node" >/dev/null || exec "$node" "$0" "$@"
  for node in /usr/lib/riposte/node /usr/local/bin/node /usr/bin/node /opt/node*"/bin/node"; do
    case $("$node" --version 2>/dev/null) in v[2-9][0-9]*) exec "$node" "$0" "$@" ;; esac
  done
  # No Node: one line in the form of the log. Arguments that an attacker may have chosen are left out.
  case $1$3$4$5 in *[!0-9A-Za-z.:_-]*) set -- ;; esac
  home=${0%"/active-response/bin/"*}
  [ "$home" != "$0" ] || home=${RIPOSTE_HOME:-/var/lib/riposte}
  case $0 in active-response/*) home=$PWD ;; esac
  why='failed: Node (20 or newer) was not found: install it, then run riposte install'
  echo "$(LC_ALL=C date -u) $home/active-response/bin/$response.js ${1:--} - ${3:--} ${4:--} ${5:--} $why" |
    dd oflag=append,nofollow,nonblock conv=notrunc of="$home/logs/active-responses.log" 2>/dev/null
  echo "$response: $why" >&2
  exit 69
}

# True when the daemon runs: it holds the wake-up FIFO, so the number was not reused. False when it is stopped, as its
# watchdog may be stopped as well.
is_heard() {
  [ "/proc/$server/fd/$wakeup_fd" -ef "$directory/bell" ] 2>/dev/null || return 1
  # State is one of the first lines. A shell reads byte by byte, and /proc/PID/stat is ten times as long.
  state=
  while read -r key state rest && [ "$key" != State: ]; do :; done 2>/dev/null <"/proc/$server/status"
  case $state in '' | [Tt]) return 1 ;; esac
}

# Finds the same home as Node would. If the path has another form than execd's, Node handles it.
file=${0##*[/]}
case $0 in
  *"//"* | *"/."*) run_node "$@" ;;
  /*"/active-response/bin/$file") home=${0%"/active-response/bin/$file"} ;;
  "active-response/bin/$file") home=$PWD ;;
  /*) home=${RIPOSTE_HOME:-/var/lib/riposte} ;;
  *) run_node "$@" ;;
esac
directory=$home/var/riposte/respond

# Use the daemon only when no person is watching or debugging: the daemon does not print the steps.
[ -z "${RIPOSTE_DEBUG-}" ] && [ -p "$directory/bell" ] && [ -O "$directory/bell" ] && ! [ -t 0 ] && ! [ -t 1 ] && ! [ -t 2 ] || run_node "$@"
{ read -r server wakeup_fd slots rest <"$directory/pid"; } 2>/dev/null && is_heard || run_node "$@"
case $slots in '' | 0* | *[!0-9]*) run_node "$@" ;; esac
read -r uptime idle </proc/uptime || run_node "$@"
id=$$-$uptime

# Wazuh sends one line and keeps standard input open after it.
message=
[ $# -gt 0 ] || IFS= read -r message || [ -n "$message" ] || run_node

# Takes a slot: noclobber lets only one process create its file.
take_slot() {
  slot=$(($$ % slots))
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    for neighbour in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
      ! { set -C && printf '%s\n' "$$" >"$directory/taken/$slot"; } 2>/dev/null || return 0
      slot=$(((slot + 1) % slots))
    done
    # All slots are taken: the daemon is busy, or stopped.
    [ ! -s "$directory/stopped" ] && is_heard && sleep 0.2 2>/dev/null || return 1
  done
  return 1
}

# False when a new daemon has recreated the directory, or the daemon released the slot: it would never wake this client.
has_slot() {
  { read -r owner <"$directory/taken/$slot"; } 2>/dev/null && [ "$owner" = "$$" ]
}

give_up() {
  # Take the request back. If the daemon has it and never answered, Node looks in the journal whether it was done.
  if mv "$directory/in/$id" "$directory/in/.$id" 2>/dev/null; then
    rm -f "$directory/in/.$id" 2>/dev/null
  elif [ "$line" != node ]; then
    RIPOSTE_ASKED=$id
    export RIPOSTE_ASKED
  fi
  ! has_slot || rm -f "$directory/seats/$slot" 2>/dev/null # release the slot
  if [ -n "$reader" ]; then
    end_reader
    RIPOSTE_REPLY=none
    export RIPOSTE_REPLY
  fi
  use_node "$@"
}

# Passes the message on to Node, which cannot read it again.
use_node() {
  if [ $# -eq 0 ]; then
    [ ${#message} -lt 70000 ] || message=$(printf '%.70000s' "$message")
    RIPOSTE_MESSAGE=$message
    export RIPOSTE_MESSAGE
  fi
  run_node "$@"
}

# Ends the reader if it is still this shell's child: its number may be reused by now.
end_reader() {
  { read -r stat <"/proc/$reader/stat"; } 2>/dev/null || return 0
  case ${stat##*)} in
    " "?" $$ "*) kill "$reader" 2>/dev/null ;;
  esac
}

wake_daemon() {
  printf '\n' 2>/dev/null 1<>"$directory/bell"
}

# Waits for the next answer; false when none will come.
is_answered() {
  until [ -e "$directory/out/$id.$turn" ]; do
    read -r word <&6 && [ "$word" != gone ] || [ -e "$directory/out/$id.$turn" ] || return 1
  done
}

hand_on() {
  # From here on only the daemon holds the slot open for writing.
  exec 7>&-
  has_slot || return
  printf '%s\0' "$(($# + 9))" "$response" "$0" "$home" "${PATH-}" "${SSH_CONNECTION-}" "${SSH_CLIENT-}" "$slot" "$message" "$@" \
    2>/dev/null >"$directory/in/$id" && wake_daemon || return
  [ ! -s "$directory/asleep" ] || printf '\n' 2>/dev/null 1<>"$directory/watch"
  while is_answered; do
    while IFS= read -r line <&8; do
      case $line in
        '1 '*) printf '%s\n' "${line#1 }" 2>/dev/null ;;
        '2 '*) printf '%s\n' "${line#2 }" >&2 ;;
        'exit '*)
          [ -z "$reader" ] || end_reader
          exit "${line#exit }"
          ;;
        'ask '*)
          # Wazuh's execd reads one line, and replies with one line or not at all.
          printf '%s\n' "${line#ask }" 2>/dev/null
          exec 9<&0
          {
            reply=
            IFS= read -r reply
            printf '%s\0' 2 "$reply" >"$directory/in/$id.reply" && wake_daemon
          } <&9 >/dev/null 2>&1 &
          reader=$!
          exec </dev/null >/dev/null
          ;;
        *) return ;;
      esac
    done 8<"$directory/out/$id.$turn"
    turn=$((turn + 1))
  done
}

line=
reader=
turn=1
take_slot && [ -p "$directory/seats/$slot" ] || use_node "$@"
{ hand_on "$@" 6<"$directory/seats/$slot"; } 7<>"$directory/seats/$slot"
give_up "$@"
*/
