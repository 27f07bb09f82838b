/** Re-encrypts every file of a folder to its readers, as people do it with the age program. */
export interface Loop {
  readonly what: string
  readonly programs: readonly string[]
  /** For bash; its arguments are the private key and the folder. */
  readonly script: (files: readonly string[], recipients: readonly string[]) => string
}

const ageAlone = (files: readonly string[], recipients: readonly string[], before = '') => `set -e
cd "$2"
for file in ${files.join(' ')}; do
  ${before}
  age --decrypt --identity "$1" -o clear "$file"
  age ${recipients.map((key) => `--recipient '${key}'`).join(' ')} -o fresh < clear
  mv -f fresh "$file"
done`

/**
 * What `agenix --rekey` runs for each file, in its order (`edit` of pkgs/agenix.sh, github.com/ryantm/agenix at
 * b027ee2): nix-instantiate into jq for the recipients, nix-instantiate for the armor, mktemp, basename, age, cp,
 * mktemp, basename, age, dirname, mkdir, mv, and rm for each of the two folders.
 */
const asAgenix = () => `set -e
cd "$2"
ask() { nix-instantiate --json --eval --strict -E "(import ./rules.nix).$1"; }
for file in $(nix-instantiate --json --eval -E 'builtins.attrNames (import ./rules.nix)' | jq -r '.[]'); do
  readers=$(ask "\\"$file\\".publicKeys" | jq -r '.[]')
  armored=$(ask "\\"$file\\".armor or false")
  old=$(mktemp -d)
  clear=$old/$(basename "$file")
  age --decrypt --identity "$1" -o "$clear" "$file"
  cp "$clear" "$clear.before"
  options=()
  if [ "$armored" = true ]; then options+=(--armor); fi
  while read -r reader; do options+=(--recipient "$reader"); done <<< "$readers"
  new=$(mktemp -d)
  fresh=$new/$(basename "$file")
  age "\${options[@]}" -o "$fresh" < "$clear"
  mkdir -p "$(dirname "$file")"
  mv -f "$fresh" "$file"
  rm -rf "$old"
  rm -rf "$new"
done`

const oneEvaluation = `nix-instantiate --json --eval --strict -E "(import ./rules.nix).\\"$file\\".publicKeys" > keys.json`

export const loops: readonly Loop[] = [
  { what: 'age alone, file by file', programs: ['age'], script: (files, recipients) => ageAlone(files, recipients) },
  {
    what: 'age and one nix-instantiate a file',
    programs: ['age', 'nix-instantiate'],
    script: (files, recipients) => ageAlone(files, recipients, oneEvaluation),
  },
  { what: 'the programs that agenix runs', programs: ['age', 'nix-instantiate', 'jq'], script: asAgenix },
]
