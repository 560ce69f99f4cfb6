# Tells scripts that wait when whoever answers them is stopped, and has not run for two rounds, or for two seconds where
# nobody has stopped it: they do the work themselves. (One that waits for a processor, or is woken late as the machine
# stands still, would only wait longer behind all their Nodes.) A process of its own, as that one cannot say so; that it
# has ended they see without us.
# Who finds no seat looks whether there is anything in `stopped`.
# Runs rounds only while somebody waits, else it sleeps until a script rings: standard input is that bell, and its end
# is the end of whoever answers.
box=$1
server=$2
ear=$3
round=0.12

is_there() {
  [ "/proc/$server/fd/$ear" -ef "$box/bell" ]
}

# As the kernel counts its time.
has_run() {
  was=$beat
  read -r beat <"$box/beat"
  [ "$beat" != "$was" ]
}

# Counts the rounds in which it did not, and did not want to.
look_at_it() {
  has_run && still=0 told= && return
  read -r stat <"/proc/$server/stat" || return
  case ${stat##*)} in
    " R"*) still=0 told= ;;
    " "[Tt]*) still=$((still + 1)) enough=2 ;;
    *) still=$((still + 1)) enough=16 ;;
  esac
}

# The seats where somebody waits.
look_around() {
  waiting=
  for taken in "$box"/taken/*; do
    seat=${taken##*[/]}
    [ ! -p "$box/seats/$seat" ] || waiting="$waiting $seat"
  done
  [ -n "$waiting" ]
}

# Each one once: nobody may ever read it, and a full FIFO would hold us up.
send_away() {
  for seat in $1; do
    read -r script <"$box/taken/$seat" && [ -p "$box/seats/$seat" ] || continue
    case "$told " in
      *" $seat/$script "*) ;;
      *) printf 'gone\n' 1<>"$box/seats/$seat" && told="$told $seat/$script" ;;
    esac
  done
}

while is_there; do
  true >"$box/stopped"
  # Who comes before this rings, and who has come before is seen: nobody is missed.
  printf 'rings\n' >"$box/asleep" || exit # nobody would ring
  look_around || read -r bell || exit
  true >"$box/asleep"
  has_run
  still=0
  enough=2
  told=
  while is_there && look_around; do
    before=$waiting
    sleep "$round" || exit
    look_at_it
    if [ "$still" -ge "$enough" ]; then
      printf 'yes\n' >"$box/stopped"
      send_away "$before"
    elif [ -s "$box/stopped" ]; then
      true >"$box/stopped"
    fi
  done
done
