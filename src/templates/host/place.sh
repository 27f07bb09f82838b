# Writes to absolute paths, even if other users own folders on the way (docs/security.md). The owner of a folder can
# rename its contents at any moment. So the script enters each folder by its own name, checks from inside that it is the
# right one, and works from there with names without a slash.

# Ends the subshell that works on a path.
unsafe() {
  printf '%s: %s\n' "$path" "$1" >&2
  exit 87
}

# Whether only root can change the contents of the current folder.
roots_alone() {
  [ -O . ] || return 1
  case $(LC_ALL=C ls -ldn .) in ?????w* | ????????w*) return 1 ;; esac
}

# enter FOLDER [make]: changes to the folder, and with `make` creates missing ones. It follows a link only if root alone
# could have created it.
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

# Whether the current folder is inside the folder `above`, and nobody except root could ever read it. A folder inherits
# an access list (+) from the folder above. Such a list is fine only if root alone can write the folder above.
is_workplace() {
  [ .. -ef "/proc/self/fd/$above" ] && [ "${PWD##*/}" = "$1" ] && [ -O . ] || return 1
  case $(LC_ALL=C ls -ldn .) in
    'drwx------'[.\ ]* | 'drwx--S---'[.\ ]*) ;;
    'drwx------+'* | 'drwx--S---+'*) (cd -P .. && roots_alone) ;;
    *) return 1 ;;
  esac
}

# Removes what a killed keel has left in the current folder.
sweep_workplaces() {
  local place above
  exec {above}< .
  for place in .keel-??????????; do
    [ -d "$place" ] && [ ! -L "$place" ] || continue
    (cd -P -- "./$place" && is_workplace "$place" && rm -f -- ./file && cd -P .. && rmdir -- "./$place") 2>/dev/null || true
  done
  exec {above}<&-
}

# Creates a folder that only root can read inside the current folder, and changes to it. The end of the subshell removes
# it.
workplace() {
  sweep_workplaces
  exec {above}< .
  place=$(umask 077 && mktemp -d ./.keel-XXXXXXXXXX) || exit
  cd -P -- "$place" || exit
  is_workplace "${place#./}" || unsafe "others than root could look into what keel makes beside it (an access list, or a folder that was exchanged)"
  trap 'rm -f -- ./file; cd -P .. && rmdir -- "$place" 2>/dev/null' EXIT
}

parent() { case ${1%/*} in "") printf / ;; *) printf '%s' "${1%/*}" ;; esac; }

# place PATH MODE OWNER: writes stdin to the path in one step, complete, with its mode and owner.
place() (
  path=$1
  enter "$(parent "$path")" make && workplace && cat > file && chown -- "$3" file && chmod -- "$2" file && mv -fT -- file "../${path##*/}"
)
