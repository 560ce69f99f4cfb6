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
# - The answer comes as a whole file, by rename; then the one who wrote it ends our `sleep`, so that we look. That
#   sleep is our time limit as well: who has not run meanwhile, as the kernel counts it (beat), will not answer, and
#   Node does the work. Who has is busy, and is waited for: a thousand Nodes more would not make it faster. Where all
#   of the machine stood still, we may be the first to go on: so there is a second, short look.
node=node
response=RESPONSE
# As Node has it: who has closed our output must not end us.
trap '' PIPE
# Lengths count bytes, whatever the manager's language.
LC_ALL=C

run_node() {
  exec "$node" "$0" "$@"
}

# It still runs, and is no other process that has its number since: it holds the bell.
is_heard() {
  [ "/proc/$server/fd/$ear" -ef "$box/bell" ] 2>/dev/null
}

# It still runs, and has run since we looked last.
is_at_work() {
  was=$beat
  { read -r beat <"$box/beat"; } 2>/dev/null && [ "$beat" != "$was" ] && is_heard
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
{ read -r server ear <"$box/pid"; } 2>/dev/null && is_heard || run_node "$@"
command -v sleep >/dev/null && read -r uptime idle </proc/uptime || run_node "$@"
id=$$-$uptime

# Wazuh's message is one line, and standard input stays open behind it.
message=
[ $# -gt 0 ] || IFS= read -r message || [ -n "$message" ] || run_node

give_up() {
  # Taken back in time, or taken and never answered: then Node looks in the journal whether it was done.
  if mv "$box/in/$id" "$box/in/.$id" 2>/dev/null; then
    rm -f "$box/in/.$id" "$box/out/$id.timer"
  elif [ "$line" != node ]; then
    RIPOSTE_ASKED=$id
    export RIPOSTE_ASKED
  fi
  if [ -n "$reader" ]; then
    end_reader
    RIPOSTE_REPLY=none
    export RIPOSTE_REPLY
  fi
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

nap() {
  sleep "$1" </dev/null >/dev/null 2>&1 &
  timer=$!
}

ring() {
  printf '\n' 2>/dev/null 1<>"$box/bell"
}

say_timer() {
  printf '%s\n' "$timer" 2>/dev/null >"$box/out/$id.timer"
}

beat=
line=
reader=
turn=1
{ read -r beat <"$box/beat"; } 2>/dev/null
nap 0.2
printf '%s\0' "$(($# + 9))" "$response" "$0" "$home" "${PATH-}" "${SSH_CONNECTION-}" "${SSH_CLIENT-}" "$timer" "$message" "$@" \
  2>/dev/null >"$box/in/$id" && ring || give_up "$@"

while :; do
  wait "$timer" 2>/dev/null
  until [ -e "$box/out/$id.$turn" ]; do
    is_at_work || { is_heard && sleep 0.05 </dev/null >/dev/null 2>&1 && is_at_work; } || {
      [ ! -e "$box/out/$id.$turn" ] || break
      give_up "$@"
    }
    nap 1
    say_timer
    [ -e "$box/out/$id.$turn" ] || wait "$timer" 2>/dev/null
  done
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
      *) give_up "$@" ;;
    esac
  done 8<"$box/out/$id.$turn"
  turn=$((turn + 1))
  nap 0.2
  say_timer
done
*/
