# The staged files of a deploy on this host, in a folder of their own: `staged/ID` below the folder of keel (needs
# place.sh).

# Prints the process that serves the connection of this script, and its start time. While this process exists, the
# deploy is still active.
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

# is_waiting FOLDER: whether its deploy may still activate it. If the connection is not known, this is true for a day.
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

# drop_staged FOLDER: removes it, with the programs that came with it, unless another generation or deploy uses them.
drop_staged() {
  local program programs=()
  [ -d "$1" ] || return 0
  mapfile -t programs < <(cat -- "$1/generation/artifacts" 2>/dev/null)
  rm -rf -- "$1"
  for program in "${programs[@]}"; do
    cat generations/*/artifacts staged/*/generation/artifacts 2>/dev/null | grep -qxF -- "$program" || take_away "$program"
  done
}

# Removes what ended deploys have left, except the folder of this one. The caller has the lock, so no other deploy
# receives anything now.
sweep_staged() {
  local one
  for one in staged/*; do
    [ ! -d "$one" ] || [ "$one" = "staged/$1" ] || is_waiting "$one" || drop_staged "$one"
  done
  rm -rf -- staged-credentials
}
