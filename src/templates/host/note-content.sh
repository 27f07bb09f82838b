# A line for know_contents (contents.sh). Nothing where the file is written meanwhile.

# note_content PATH
note_content() {
  local digest written
  written=$(stat -c '%d %i %s %.9Y %.9Z' -- "$1") || return 0
  digest=${contents[$written]-}
  [ -n "$digest" ] || read -r digest _ < <(sha256sum < "$1") || return 0
  [ "$(stat -c '%d %i %s %.9Y %.9Z' -- "$1")" != "$written" ] || printf '%s\t%s\n' "$digest" "$written"
}
