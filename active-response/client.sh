#!/bin/sh
':' /*
# Riposte: an active response for OSSEC and Wazuh. Built file: edit the sources.
#
# To Node all this is a comment. To the shell it is a program, which hands the request to `riposte respond` or
# `riposte serve` where one runs, and returns its answer; else, and when no answer comes, it runs this same file with
# Node. So an alert costs a shell, not a Node. No asterisk may stand right before a slash here.
#
# Why it is safe:
# - Both sides meet in a directory that only root can enter (0700), and that is this very user's own.
# - Nothing of the request is parsed or evaluated here: arguments and message go into a file as they came, behind
#   their number, each ended by a NUL, which none of them can hold. A file that is not whole yet is not taken.
# - The name of the request is this process's number and the time since boot: no second one has it. A request is taken,
#   or taken back, by renaming its file, which only one of the two sides can do.
# - What wakes the other side is one byte into a FIFO opened for both reading and writing: that never waits for a
#   reader, and a pipe holds 65,536 of them.
# - The answer comes as a whole file, by rename; then the one who wrote it writes a line into the FIFO where we wait
#   (our seat). That one holds it open, too: we read its end when he has ended. When he does not run at all, a process
#   beside him says that we are to go (cli/resident/watch.sh), and Node does the work. Who is busy is waited for: a
#   thousand Nodes more would not make it faster.
node=node
response=RESPONSE
# As Node has it: who has closed our output must not end us.
trap '' PIPE
# Lengths count bytes, whatever the manager's language.
LC_ALL=C

run_node() {
  exec "$node" "$0" "$@"
}

# It still runs, and is no other process that has its number since: it holds the bell. Nor is it stopped: that may have
# stopped the one beside it as well.
is_heard() {
  [ "/proc/$server/fd/$ear" -ef "$box/bell" ] 2>/dev/null || return 1
  # Of its few first lines: a shell reads byte by byte, and /proc/PID/stat is ten times as long.
  state=
  while read -r key state rest && [ "$key" != State: ]; do :; done 2>/dev/null <"/proc/$server/status"
  case $state in '' | [Tt]) return 1 ;; esac
}

# The home that Node would find; what is written in another way than by execd is left to Node.
file=${0##*[/]}
case $0 in
  *"//"* | *"/."*) run_node "$@" ;;
  /*"/active-response/bin/$file") home=${0%"/active-response/bin/$file"} ;;
  "active-response/bin/$file") home=$PWD ;;
  /*) home=${RIPOSTE_HOME:-/var/lib/riposte} ;;
  *) run_node "$@" ;;
esac
box=$home/var/riposte/respond

# Somebody listens, and no person is looking.
[ -p "$box/bell" ] && [ -O "$box/bell" ] && ! [ -t 0 ] && ! [ -t 1 ] && ! [ -t 2 ] || run_node "$@"
{ read -r server ear seats rest <"$box/pid"; } 2>/dev/null && is_heard || run_node "$@"
case $seats in '' | 0* | *[!0-9]*) run_node "$@" ;; esac
read -r uptime idle </proc/uptime || run_node "$@"
id=$$-$uptime

# Wazuh's message is one line, and standard input stays open behind it.
message=
[ $# -gt 0 ] || IFS= read -r message || [ -n "$message" ] || run_node

# A seat is taken by making a file that was not there, which only one can.
take_seat() {
  seat=$(($$ % seats))
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    for neighbour in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
      ! { set -C && printf '%s\n' "$$" >"$box/taken/$seat"; } 2>/dev/null || return 0
      seat=$(((seat + 1) % seats))
    done
    # All are busy, or nobody is: who answers is stopped.
    [ ! -s "$box/stopped" ] && is_heard && sleep 0.2 2>/dev/null || return 1
  done
  return 1
}

# Not when the box has been made anew since, or whoever answers took us for one who has ended: he would never call us.
sits_there() {
  { read -r sitter <"$box/taken/$seat"; } 2>/dev/null && [ "$sitter" = "$$" ]
}

give_up() {
  # Taken back in time, or taken and never answered: then Node looks in the journal whether it was done.
  if mv "$box/in/$id" "$box/in/.$id" 2>/dev/null; then
    rm -f "$box/in/.$id" 2>/dev/null
  elif [ "$line" != node ]; then
    RIPOSTE_ASKED=$id
    export RIPOSTE_ASKED
  fi
  ! sits_there || rm -f "$box/seats/$seat" 2>/dev/null # nobody waits there any more
  if [ -n "$reader" ]; then
    end_reader
    RIPOSTE_REPLY=none
    export RIPOSTE_REPLY
  fi
  use_node "$@"
}

# With the message, which cannot be read again.
use_node() {
  if [ $# -eq 0 ]; then
    [ ${#message} -lt 70000 ] || message=$(printf '%.70000s' "$message")
    RIPOSTE_MESSAGE=$message
    export RIPOSTE_MESSAGE
  fi
  run_node "$@"
}

# Its number may be another process's by now, whose parent we are not.
end_reader() {
  { read -r stat <"/proc/$reader/stat"; } 2>/dev/null || return 0
  case ${stat##*)} in
    " "?" $$ "*) kill "$reader" 2>/dev/null ;;
  esac
}

ring() {
  printf '\n' 2>/dev/null 1<>"$box/bell"
}

# Until the next answer is there; false when there will be none.
is_answered() {
  until [ -e "$box/out/$id.$turn" ]; do
    read -r word <&6 && [ "$word" != gone ] || [ -e "$box/out/$id.$turn" ] || return 1
  done
}

hand_on() {
  # From here on only the other side holds it open for writing.
  exec 7>&-
  sits_there || return
  printf '%s\0' "$(($# + 9))" "$response" "$0" "$home" "${PATH-}" "${SSH_CONNECTION-}" "${SSH_CLIENT-}" "$seat" "$message" "$@" \
    2>/dev/null >"$box/in/$id" && ring || return
  [ ! -s "$box/asleep" ] || printf '\n' 2>/dev/null 1<>"$box/watch"
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
          # Wazuh's execd reads one line, and answers with one, or never.
          printf '%s\n' "${line#ask }" 2>/dev/null
          exec 9<&0
          {
            reply=
            IFS= read -r reply
            printf '%s\0' 2 "$reply" >"$box/in/$id.reply" && ring
          } <&9 >/dev/null 2>&1 &
          reader=$!
          exec </dev/null >/dev/null
          ;;
        *) return ;;
      esac
    done 8<"$box/out/$id.$turn"
    turn=$((turn + 1))
  done
}

line=
reader=
turn=1
take_seat && [ -p "$box/seats/$seat" ] || use_node "$@"
{ hand_on "$@" 6<"$box/seats/$seat"; } 7<>"$box/seats/$seat"
give_up "$@"
*/
