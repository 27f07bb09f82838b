#!/usr/bin/env -S node --max-semi-space-size=1
// A small young generation: a deploy moves hundreds of megabytes through short-lived buffers (191 → 129 MB for five
// hosts, measured).
//
// Plain ES5-compatible syntax up to the check, because an old node must get this far to print what it is.
//
// The compiled code of V8 for keel and for inventories stays from run to run. It is in the folder of the user, because
// it is code, and everybody can write to /tmp. A relative XDG_CACHE_HOME counts as unset (XDG Base Directory
// Specification 0.8).
var xdg = process.env.XDG_CACHE_HOME
var cache = xdg && xdg[0] === '/' ? xdg : process.env.HOME && `${process.env.HOME}/.cache`
// Creates and checks the folder like src/artifacts/own-folder.ts, which is not loaded yet. Without a folder that is
// safe, keel starts without one.
function isOwn(path) {
  var fs = process.getBuiltinModule('node:fs')
  try {
    fs.mkdirSync(path, { recursive: true, mode: 448 })
    return [path, fs.realpathSync(path)].every((start) =>
      start.split('/').every((_, index, names) => {
        var stats = fs.lstatSync(names.slice(0, index + 1).join('/') || '/')
        var isOpen = !stats.isSymbolicLink() && (stats.mode & 18) !== 0 && (stats.mode & 512) === 0
        return (stats.uid === 0 || stats.uid === process.getuid()) && !isOpen
      }),
    )
  } catch {
    return false
  }
}
var found = process.versions.node.split('.')
if (Number(found[0]) < 22 || (Number(found[0]) === 22 && Number(found[1]) < 18)) {
  process.stderr.write(
    'keel: this is Node ' +
      process.versions.node +
      ', keel needs 22.18 or newer: install Node 24 (https://nodejs.org/en/download).\n',
  )
  process.exitCode = 1
} else {
  if (cache && !process.env.NODE_COMPILE_CACHE && isOwn(`${cache}/keel/compile`))
    process.getBuiltinModule('node:module').enableCompileCache(`${cache}/keel/compile`)
  import('../dist/cli.js').then((cli) =>
    cli.main(process.argv.slice(2)).then((code) => {
      process.exitCode = code
    }),
  )
}
