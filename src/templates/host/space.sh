# Checks whether the file systems have enough space for the new files (needs place.sh).

declare -A needed_bytes=() needed_files=() written_below=()

# need FOLDER BYTES FILES: adds this to what the file system of the folder needs.
need() {
  local at=$1 device
  until [ -d "$at" ]; do at=$(parent "$at"); done
  if [ ! -w "$at" ]; then
    df --output=target -- "$at" | tail -n 1 >&2
    exit 89
  fi
  device=$(stat -c %d -- "$at/.")
  needed_bytes[$device]=$((${needed_bytes[$device]:-0} + $2))
  needed_files[$device]=$((${needed_files[$device]:-0} + $3))
  written_below[$device]=$at
}

# Ends the script if a file system has too little space: `MOUNT bytes|inodes NEEDED FREE`. A file system that reports no
# number of inodes creates them when it needs them.
enough() {
  local device free size inodes all
  for device in "${!needed_bytes[@]}"; do
    read -r free size inodes all < <(stat -f -c '%f %S %d %c' -- "${written_below[$device]}")
    [ $((free * size)) -ge "${needed_bytes[$device]}" ] || no_room bytes "${needed_bytes[$device]}" $((free * size))
    [ "$all" = 0 ] || [ "$inodes" -ge "${needed_files[$device]}" ] || no_room inodes "${needed_files[$device]}" "$inodes"
  done
}

no_room() {
  printf '%s\t%s\t%s\t%s\n' "$(df --output=target -- "${written_below[$device]}" | tail -n 1)" "$@" >&2
  exit 88
}

# gave_up STATUS PATH BYTES: ends the script after a failed write. It reports the reason if the file system has no
# space.
gave_up() {
  needed_bytes=() needed_files=()
  if [ "$1" -lt 75 ]; then
    need "$(parent "$2")" $((($3 / 4096 + 2) * 4096)) 2
    enough
    printf 'could not write %s\n' "$2" >&2
  fi
  exit "$1"
}
