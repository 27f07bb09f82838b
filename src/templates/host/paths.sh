# Other operations on a path (needs place.sh).

# place_link PATH TARGET
place_link() (
  path=$1
  enter "$(parent "$path")" make && workplace && ln -sT -- "$2" file && mv -fT -- file "../${path##*/}"
)

# take_away PATH [-r]: removes the file or link itself; with -r a folder and everything in it.
take_away() (
  path=$1
  enter "$(parent "$path")" || exit 0
  rm -f ${2:-} -- "./${path##*/}"
)

# own_folder PATH MODE
own_folder() (
  path=$1
  enter "$path" make && chmod -- "$2" .
)
