/** Each of them repeats those around it. */
const MOST_NESTED = 50

/**
 * The outermost `let`s of a Nix expression, each as an expression whose value is the set of its bindings.
 * @param canonical the output of `nix-instantiate --parse`: every `let` and `with` has its own brackets, every string
 * is in double quotes, and there are no comments
 */
export function bindingsOf(canonical: string): readonly string[] {
  const found: string[] = []
  // the text before each of them, so that a later one sees the names of an earlier one
  let before = ''
  let rest = canonical
  for (;;) {
    const word = /^\((let|with) /.exec(rest)?.[1]
    if (word === undefined || found.length >= MOST_NESTED) return found
    const start = word.length + 2
    const end = endOf(rest, start, word === 'let' ? ' in ' : '; ')
    if (end === undefined) return found
    const inner = rest.slice(start, end)
    // a `let` and a recursive set have the same bindings
    found.push(word === 'let' ? `(${before} rec { ${inner} })` : `(${before} ${inner})`)
    before += word === 'let' ? `let ${inner} in ` : `with ${inner}; `
    rest = rest.slice(end + (word === 'let' ? ' in ' : '; ').length)
  }
}

/**
 * The place of the first `sign` outside of brackets and strings. If brackets in the text do not match, the result is
 * not valid Nix, and Nix reports it.
 */
function endOf(text: string, start: number, sign: string): number | undefined {
  const step = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[^"]/y
  let depth = 0
  for (let at = start; at < text.length; at = step.lastIndex) {
    if (depth === 0 && text.startsWith(sign, at)) return at
    step.lastIndex = at
    const found = step.exec(text)?.[0]
    if (found === undefined) return undefined
    if ('([{'.includes(found)) depth++
    if (')]}'.includes(found)) depth--
  }
  return undefined
}

/**
 * A Nix expression whose value lists every public key in the given sets, with the path to it. It skips what fails, what
 * is nested deeper than keys, and whole package sets.
 */
export function namedKeysExpression(sets: readonly string[]): string {
  return `let
  isKey = text: builtins.any (start: builtins.substring 0 (builtins.stringLength start) text == start) [ "ssh-" "age1" "#" ];
  skipped = [ "lib" "pkgs" "nixpkgs" "inputs" "self" "builtins" ];
  walk = depth: path: value:
    let tried = builtins.tryEval value; found = tried.value; in
    if !tried.success || depth == 0 then [ ]
    else if builtins.isString found then (if isKey found then [ { inherit path; key = found; } ] else [ ])
    else if builtins.isList found then builtins.concatMap (walk (depth - 1) (path ++ [ "" ])) found
    else if builtins.isAttrs found && (found.type or null) != "derivation" then
      builtins.concatMap (name: if builtins.elem name skipped then [ ] else walk (depth - 1) (path ++ [ name ]) found.\${name})
        (builtins.attrNames found)
    else [ ];
in builtins.concatMap (walk 6 [ ]) [
${sets.join('\n')}
]`
}
