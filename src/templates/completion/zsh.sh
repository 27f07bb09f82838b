#compdef keel
# keel's completion for zsh: eval "$(keel completion zsh)" after compinit, or as _keel in a folder of fpath
_keel() {
  local line
  local -a described
  for line in ${(f)"$(keel complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#described )); then _describe keel described; else _files; fi
}
if [ "$funcstack[1]" = _keel ]; then _keel "$@"; else compdef _keel keel; fi
