# Writes by absolute path, whoever owns the folders on the way (docs/security.md). A folder's owner can rename what is in it at any
# moment: so each folder is gone into by its own name and checked from inside, and everything is done from there by names without a slash.

# Ends the subshell that works on a path.
unsafe() {
  printf '%s: %s\n' "$path" "$1" >&2
  exit 87
}

# Nobody else can change what the folder we are in holds.
roots_alone() {
  [ -O . ] || return 1
  case $(LC_ALL=C ls -ldn .) in ?????w* | ????????w*) return 1 ;; esac
}

# enter FOLDER [make]: goes there, and makes what is missing. A link is followed only where root alone could have put it.
enter() {
  local rest=$1 name here links=0
  cd /
  while [ -n "$rest" ]; do
    name=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $name in
      "" | .) continue ;;
      ..)
        cd -P ..
        continue
        ;;
    esac
    if [ -L "./$name" ]; then
      links=$((links + 1))
      [ "$links" -le 40 ] || unsafe "more than 40 links on the way"
      roots_alone || unsafe "$(pwd -P)/$name is a link, in a folder that others than root can write"
      name=$(readlink -- "./$name")
      case $name in /*) cd / ;; esac
      rest=$name/$rest
      continue
    fi
    if [ ! -e "./$name" ]; then
      [ "${2:-}" = make ] || return 1
      (umask 022 && mkdir -- "./$name") || exit
    fi
    exec {here}< .
    cd -P -- "./$name" || exit
    [ .. -ef "/proc/self/fd/$here" ] && [ "${PWD##*/}" = "$name" ] || unsafe "$name was exchanged while keel went into it"
    exec {here}<&-
  done
}

# What nobody but root has ever been able to look into, inside the folder `above`. An access list (+) comes from the folder: it counts where that is root's.
is_workplace() {
  [ .. -ef "/proc/self/fd/$above" ] && [ "${PWD##*/}" = "$1" ] && [ -O . ] || return 1
  case $(LC_ALL=C ls -ldn .) in
    'drwx------'[.\ ]* | 'drwx--S---'[.\ ]*) ;;
    'drwx------+'* | 'drwx--S---+'*) (cd -P .. && roots_alone) ;;
    *) return 1 ;;
  esac
}

# Inside the folder we are in: takes away what a keel that was killed has left there.
sweep_workplaces() {
  local place above
  exec {above}< .
  for place in .keel-??????????; do
    [ -d "$place" ] && [ ! -L "$place" ] || continue
    (cd -P -- "./$place" && is_workplace "$place" && rm -f -- ./file && cd -P .. && rmdir -- "./$place") 2>/dev/null || true
  done
  exec {above}<&-
}

# Makes a folder that only root can look into, inside the one we are in, and goes there. It ends with the subshell.
workplace() {
  sweep_workplaces
  exec {above}< .
  place=$(umask 077 && mktemp -d ./.keel-XXXXXXXXXX) || exit
  cd -P -- "$place" || exit
  is_workplace "${place#./}" || unsafe "others than root could look into what keel makes beside it (an access list, or a folder that was exchanged)"
  trap 'rm -f -- ./file; cd -P .. && rmdir -- "$place" 2>/dev/null' EXIT
}

parent() { case ${1%/*} in "") printf / ;; *) printf '%s' "${1%/*}" ;; esac; }

# place PATH MODE OWNER: what comes on stdin is there from one moment to the next, whole, as it has to be.
place() (
  path=$1
  enter "$(parent "$path")" make && workplace && cat > file && chown -- "$3" file && chmod -- "$2" file && mv -fT -- file "../${path##*/}"
)
