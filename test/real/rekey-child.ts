/**
 * Widens a secret store's readers and dies at the n-th call that touches the disk, as by a power cut: SIGKILL, no `finally`, no handler.
 * argv: directory, n (0: never; then the number of calls is printed).
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [directory = '', n = '0'] = process.argv.slice(2)
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
promises.rename = counted(promises.rename)
promises.rm = counted(promises.rm)
promises.rmdir = counted(promises.rmdir)
promises.open = counted(async (...args: Parameters<typeof realOpen>) => {
  const file = await realOpen(...args)
  file.writeFile = counted(file.writeFile.bind(file))
  file.sync = counted(file.sync.bind(file))
  file.close = counted(file.close.bind(file))
  return file
})
syncBuiltinESMExports()

const { rekey } = await import('../../src/secrets/rekey.ts')
const { openStore } = await import('../../src/secrets/store.ts')
const { parseIdentities } = await import('../../src/secrets/identity/parse-identities.ts')
const { cluster, privateText } = JSON.parse(fs.readFileSync(`${directory}/child.json`, 'utf8'))
await rekey(await openStore(directory, cluster), () => parseIdentities(privateText, 'key'))
process.stdout.write(String(calls))
