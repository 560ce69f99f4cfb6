# Wakes waiting clients when the daemon is stopped or hung, so that they do the work with Node: after two rounds without a
# heartbeat if the daemon is stopped, after two seconds if it sleeps. If the daemon waits for a processor, it is only busy:
# spawning Node would add load.
# The watchdog is a separate process, because a stopped daemon cannot wake its clients. When the daemon ends, clients read
# the end of their FIFOs. If a client finds no free slot, it looks whether `stopped` is empty.
# It runs rounds only while clients wait. Otherwise the watchdog sleeps until a client wakes it through standard input,
# a FIFO that ends with the daemon.
directory=$1
server=$2
wakeup_fd=$3
round=0.12

is_running() {
  [ "/proc/$server/fd/$wakeup_fd" -ef "$directory/bell" ]
}

# The heartbeat is the kernel's account of the daemon's time. True if it has changed.
has_run() {
  was=$heartbeat
  read -r heartbeat <"$directory/beat"
  [ "$heartbeat" != "$was" ]
}

# Counts the rounds in which the daemon neither ran nor waited for a processor.
look_at_daemon() {
  has_run && still=0 told= && return
  read -r stat <"/proc/$server/stat" || return
  case ${stat##*)} in
    " R"*) still=0 told= ;;
    " "[Tt]*) still=$((still + 1)) enough=2 ;;
    *) still=$((still + 1)) enough=16 ;;
  esac
}

# Finds the slots in which clients wait.
find_waiting() {
  waiting=
  for claim in "$directory"/taken/*; do
    slot=${claim##*[/]}
    [ ! -p "$directory/seats/$slot" ] || waiting="$waiting $slot"
  done
  [ -n "$waiting" ]
}

# Tells each client once: a client may never read this, and writing to a full FIFO would block.
send_away() {
  for slot in $1; do
    read -r client <"$directory/taken/$slot" && [ -p "$directory/seats/$slot" ] || continue
    case "$told " in
      *" $slot/$client "*) ;;
      *) printf 'gone\n' 1<>"$directory/seats/$slot" && told="$told $slot/$client" ;;
    esac
  done
}

while is_running; do
  true >"$directory/stopped"
  # A later client wakes this process, and find_waiting sees the earlier ones: none is missed.
  printf 'rings\n' >"$directory/asleep" || exit # no client could wake this process
  find_waiting || read -r wakeup || exit
  true >"$directory/asleep"
  has_run
  still=0
  enough=2
  told=
  while is_running && find_waiting; do
    before=$waiting
    sleep "$round" || exit
    look_at_daemon
    if [ "$still" -ge "$enough" ]; then
      printf 'yes\n' >"$directory/stopped"
      send_away "$before"
    elif [ -s "$directory/stopped" ]; then
      true >"$directory/stopped"
    fi
  done
done
