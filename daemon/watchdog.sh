# Wakes waiting clients when the daemon is stopped or hung, so that they do the work with Node. It wakes them after two
# rounds without a heartbeat if the daemon is stopped, and after two seconds without one if the daemon sleeps. A daemon
# that waits for a processor is only busy: starting Node would add load.
# The watchdog is a separate process, because a stopped daemon cannot wake its clients. When the daemon ends, clients
# read end-of-file from their FIFOs. If a client finds no free slot, it checks whether the file `stopped` is empty.
# The watchdog runs rounds only while clients wait. Otherwise it sleeps until a client writes to the watchdog's standard
# input, a FIFO. When the daemon ends, the watchdog reads end-of-file there.
directory=$1
server=$2
wakeup_fd=$3
round=0.12

is_running() {
  [ "/proc/$server/fd/$wakeup_fd" -ef "$directory/bell" ]
}

# The heartbeat is the kernel's account of the daemon's CPU time. True if it has changed since the last call.
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

# Tells each client only once to stop waiting: a client may never read the line, and writing to a full FIFO would block.
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
  # From here on, each new client wakes this process, and find_waiting finds the clients that came before: none is
  # missed.
  printf 'rings\n' >"$directory/asleep" || exit # without this file, no client could wake this process
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
