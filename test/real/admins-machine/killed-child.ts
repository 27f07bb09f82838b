/**
 * keel's command line, dying at the n-th call that changes the disk as by a power cut: SIGKILL, no `finally`, no
 * handler. argv: keel's bundle, n (0: never; then the number of calls is the last line on stderr), then what keel gets.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [bundle = '', n = '0', ...argv] = process.argv.slice(2)
let calls = 0

const CHANGES =
  'appendFile chmod copyFile cp link mkdir mkdtemp rename rm rmdir symlink truncate unlink utimes writeFile'.split(' ')
for (const name of CHANGES) {
  count(fs.promises, name)
  count(fs, `${name}Sync`)
}
count(fs.promises, 'open')
// node opens what it reads with this one as well
count(fs, 'openSync', ([, flags]) => flags === 'wx')
count(fs, 'fsync')
syncBuiltinESMExports()

function count(of: object, name: string, counts: (args: readonly unknown[]) => boolean = () => true): void {
  const real: (...args: unknown[]) => unknown = Reflect.get(of, name)
  Reflect.set(of, name, (...args: unknown[]) => {
    if (counts(args)) calls++
    if (counts(args) && calls === Number(n)) process.kill(process.pid, 'SIGKILL')
    return Reflect.apply(real, of, args)
  })
}

const { main } = await import(bundle)
process.exitCode = await main(argv)
process.stderr.write(`\n${calls}`)
