# What is at a path, to compare it later: KIND, MODE, OWNER, the digest or target, and PATH, with a tab between them.

# placed PATH
placed() {
  local at=$1 kind=none mode=- owner=- what=-
  # the folders that are keel's own have a / at their end
  [ "$at" = / ] || at=${at%/}
  if [ -L "$at" ]; then
    kind='link'
    what=$(readlink -- "$at") || what=
    what=${what//[[:cntrl:]]/?}
  elif [ -f "$at" ]; then
    kind='file'
    read -r mode owner < <(stat -c '%a %U:%G' -- "$at" 2> /dev/null) || :
    read -r what _ < <(sha256sum < "$at" 2> /dev/null) || :
  elif [ -d "$at" ]; then
    kind=directory
    read -r mode owner < <(stat -c '%a %U:%G' -- "$at" 2> /dev/null) || :
  elif [ -e "$at" ]; then
    kind=other
  fi
  printf '%s\t%s\t%s\t%s\t%s\n' "$kind" "${mode:--}" "${owner:--}" "${what:--}" "$1"
}
