/**
 * keel's command line, dying at the n-th call that changes the disk as by a power cut: SIGKILL, no `finally`, no handler.
 * argv: keel's bundle, n (0: never; then the number of calls is the last line on stderr), then what keel gets.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [bundle = '', n = '0', ...argv] = process.argv.slice(2)
let calls = 0

function counted<Args extends unknown[], Result>(real: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => {
    calls++
    if (calls === Number(n)) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
}

const { promises } = fs
const realOpen = promises.open
promises.mkdir = counted(promises.mkdir) as typeof promises.mkdir
promises.mkdtemp = counted(promises.mkdtemp) as typeof promises.mkdtemp
fs.rmSync = counted(fs.rmSync)
promises.rename = counted(promises.rename)
promises.rm = counted(promises.rm)
promises.rmdir = counted(promises.rmdir)
promises.unlink = counted(promises.unlink)
promises.writeFile = counted(promises.writeFile)
promises.open = counted(async (...args: Parameters<typeof realOpen>) => {
  const file = await realOpen(...args)
  file.writeFile = counted(file.writeFile.bind(file))
  file.sync = counted(file.sync.bind(file))
  file.close = counted(file.close.bind(file))
  return file
})
syncBuiltinESMExports()

const { main } = await import(bundle)
process.exitCode = await main(argv)
process.stderr.write(`\n${calls}`)
