# Digests that a deploy has read, by what tells whether a file has been written since (device, inode, size, mtime and
# ctime): a program of a hundred megabytes is not read again each time somebody asks what is there.
declare -A contents=()

# know_contents FILE
know_contents() {
  local digest written
  [ -r "$1" ] || return 0
  while IFS=$'\t' read -r digest written; do
    if [[ $digest =~ ^[0-9a-f]{64}$ && -n $written ]]; then contents[$written]=$digest; fi
  done < "$1"
}
