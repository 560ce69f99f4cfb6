#!/bin/sh
':' /*
# Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.
#
# Node reads this part as a comment. The shell runs it as the client: the client hands the request to the daemon
# (`riposte respond` or `riposte serve`) and returns the daemon's answer. If no daemon runs or no answer comes, the
# client runs this file with Node. So an alert costs a shell instead of a Node process. Write no asterisk right before a
# slash here.
#
# Why it is safe:
# - Client and daemon exchange files in a directory that only root can enter (0700) and that this user owns.
# - The client parses and evaluates nothing. It writes the number of items to a file, then the items, among them the
#   unchanged message and arguments. A NUL ends each item, because none of them can contain one. The daemon ignores
#   incomplete files.
# - The request's name consists of this process's ID and the time since boot, so the name is unique. The daemon takes
#   a request, and the client takes it back, by removing or renaming the request's file: only one of them can succeed.
# - The client wakes the daemon by writing one byte to a FIFO. The client opens the FIFO for reading and writing, so
#   this never waits for a reader. The FIFO has room for 65,536 bytes.
# - The daemon writes the answer to a temporary file, renames the file, and writes a line to the client's slot, a FIFO.
#   When the client waits, only the daemon holds the slot open for writing, so the client reads end-of-file when the
#   daemon ends. If the daemon is stopped or hung, its watchdog (daemon/watchdog.sh) tells the client to stop waiting,
#   and Node does the work. If the daemon is merely busy, the client keeps waiting: starting Node would only add load.
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
  # No Node was found: write one line in the form of the log, without arguments that an attacker may have chosen.
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

# True when the daemon runs: the process with its PID holds the wake-up FIFO, so no other process has reused the PID.
# False when the daemon is stopped, because its watchdog may be stopped as well.
is_heard() {
  [ "/proc/$server/fd/$wakeup_fd" -ef "$directory/bell" ] 2>/dev/null || return 1
  # A shell reads byte by byte: the lines up to State are a tenth as long as /proc/PID/stat.
  state=
  while read -r key state rest && [ "$key" != State: ]; do :; done 2>/dev/null <"/proc/$server/status"
  case $state in '' | [Tt]) return 1 ;; esac
}

# Finds the same home as Node would. If the script's path has another form than execd's, Node handles the request.
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

# Takes a slot: noclobber lets only one process create the slot's file.
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

# False when a new daemon has recreated the directory, or the daemon has released the slot: in both cases, no daemon
# would wake this client.
has_slot() {
  { read -r owner <"$directory/taken/$slot"; } 2>/dev/null && [ "$owner" = "$$" ]
}

give_up() {
  # Take the request back. If the daemon has taken it and has not answered, Node checks the journal to see whether the
  # daemon has done the request.
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

# Passes the message on to Node, which cannot read it from standard input again.
use_node() {
  if [ $# -eq 0 ]; then
    [ ${#message} -lt 70000 ] || message=$(printf '%.70000s' "$message")
    RIPOSTE_MESSAGE=$message
    export RIPOSTE_MESSAGE
  fi
  run_node "$@"
}

# Ends the reader if it is still this shell's child: another process may have reused the reader's PID.
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
