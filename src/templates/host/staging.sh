# What a deploy has staged on this host, in a folder of its own: `staged/ID` below keel's folder (needs place.sh).

# The process that serves the connection this script came over, and when it started: as long as it is there, so is the deploy.
connection() {
  local pid=$$ line name boot
  read -r boot < /proc/sys/kernel/random/boot_id
  while [ "$pid" -gt 1 ] && read -r line < "/proc/$pid/stat"; do
    name=${line#*(}
    name=${name%)*}
    set -- ${line##*) }
    case $name in
      sshd* | dropbear*)
        printf '%s %s %s\n' "$pid" "${20}" "$boot"
        return
        ;;
    esac
    pid=$2
  done
}

# is_waiting FOLDER: its deploy may still come to activate it. One whose connection is not known has a day.
is_waiting() {
  local pid started booted boot line
  if read -r pid started booted < "$1/connection"; then
    read -r boot < /proc/sys/kernel/random/boot_id
    [ "$booted" = "$boot" ] && read -r line < "/proc/$pid/stat" || return 1
    set -- ${line##*) }
    [ "${20}" = "$started" ]
  else
    [ $(($(date +%s) - $(stat -c %Y -- "$1"))) -lt 86400 ]
  fi
} 2>/dev/null

# drop_staged FOLDER: takes it away, with the programs that came with it and that nobody else names.
drop_staged() {
  local program programs=()
  [ -d "$1" ] || return 0
  mapfile -t programs < <(cat -- "$1/generation/artifacts" 2>/dev/null)
  rm -rf -- "$1"
  for program in "${programs[@]}"; do
    cat generations/*/artifacts staged/*/generation/artifacts 2>/dev/null | grep -qxF -- "$program" || take_away "$program"
  done
}

# What deploys have left that will not come back. Who runs this has the lock, so nobody is receiving anything.
sweep_staged() {
  local one
  for one in staged/*; do
    [ ! -d "$one" ] || [ "$one" = "staged/$1" ] || is_waiting "$one" || drop_staged "$one"
  done
  rm -rf -- staged-credentials
}
