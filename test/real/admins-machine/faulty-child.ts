/**
 * keel's command line, in which the n-th of the calls below fails as nobody foresaw, with an error that is full of what
 * must not be printed. argv: keel's bundle, the file with that text, how it fails, n (0: never; then the number of
 * calls is the last line on stderr), then what keel gets.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [bundle = '', source = '', kind = '', n = '0', ...argv] = process.argv.slice(2)
const poison = fs.readFileSync(source, 'utf8')
let calls = 0
let isKeel = false

function fault(): Error {
  const error = new TypeError(poison, { cause: new Error(poison) })
  return Object.assign(error, { value: poison, received: Buffer.from(poison), toString: () => poison })
}

function counted<Args extends unknown[], Result>(real: (...args: Args) => Result): (...args: Args) => Result {
  return function (this: unknown, ...args) {
    calls++
    if (isKeel && calls === Number(n)) fail()
    return real.apply(this, args)
  }
}

function fail(): void {
  if (kind === 'throw') throw fault()
  if (kind === 'uncaught')
    setImmediate(() => {
      throw fault()
    })
  if (kind === 'unhandled') void Promise.reject(fault())

  if (kind === 'report') process.report.writeReport()
  if (kind === 'abort') process.abort()
}

crypto.createHash = counted(crypto.createHash)
crypto.createPrivateKey = counted(crypto.createPrivateKey)
crypto.createCipheriv = counted(crypto.createCipheriv) as typeof crypto.createCipheriv
crypto.createDecipheriv = counted(crypto.createDecipheriv) as typeof crypto.createDecipheriv
// where a value in clear is zeroed
Uint8Array.prototype.fill = counted(Uint8Array.prototype.fill)
fs.readFileSync = counted(fs.readFileSync) as typeof fs.readFileSync
fs.renameSync = counted(fs.renameSync)
fs.fsync = counted(fs.fsync) as typeof fs.fsync
// node opens what it reads with it as well, inventories among that, and of those the user wants to hear what they throw
const { openSync, promises } = fs
const openNew = counted(openSync)
fs.openSync = (path, flags, mode) => (flags === 'wx' ? openNew : openSync)(path, flags, mode)
promises.readFile = counted(promises.readFile) as typeof promises.readFile
promises.writeFile = counted(promises.writeFile)
promises.rename = counted(promises.rename)
promises.mkdtemp = counted(promises.mkdtemp) as typeof promises.mkdtemp
syncBuiltinESMExports()

const { main } = await import(bundle)
// what node has read until now is keel's program, before keel could say anything
calls = 0
isKeel = true
process.exitCode = await main(argv)
if (n === '0') process.stderr.write(`\n${calls}`)
