# What is at a path, to compare it later: KIND, MODE, OWNER, the digest or target, and PATH, with a tab between them.
# A file of more than 1 GiB has no digest: keel places none, and a sparse one would be read for days.

# placed PATH
placed() {
  local at=$1 kind=none mode=- owner=- what=- size=0 written=-
  # the folders that are keel's own have a / at their end
  [ "$at" = / ] || at=${at%/}
  if [ -L "$at" ]; then
    kind='link'
    what=$(readlink -- "$at") || what=
    what=${what//[[:cntrl:]]/?}
  elif [ -f "$at" ]; then
    kind='file'
    read -r mode owner size written < <(stat -c '%a %U:%G %s %d %i %s %.9Y %.9Z' -- "$at" 2> /dev/null) || :
    what=${contents[${written:--}]-}
    if [ -n "$what" ]; then
      :
    elif [ "${size:-0}" -gt 1073741824 ]; then
      what=large
    else
      read -r what _ < <(timeout 20 sha256sum < "$at" 2> /dev/null) || :
    fi
  elif [ -d "$at" ]; then
    kind=directory
    read -r mode owner < <(stat -c '%a %U:%G' -- "$at" 2> /dev/null) || :
  elif [ -e "$at" ]; then
    kind=other
  fi
  printf '%s\t%s\t%s\t%s\t%s\n' "$kind" "${mode:--}" "${owner:--}" "${what:--}" "$1"
}
