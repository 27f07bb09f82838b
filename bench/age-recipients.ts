/**
 * Encrypting to 1,000 ssh-ed25519 recipients in this process beside the whole run of the `age` program, round after
 * round: `node bench/age-recipients.ts [rounds]`. New keys each time, as keel remembers those it has prepared. Goal: at
 * most 2.5 times.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '../src/lab/host/ssh-keys.ts'
import { parseRecipient } from '../src/model/keys/recipient.ts'
import { encryptFile } from '../src/secrets/age/file.ts'

const rounds = Number(process.argv[2] ?? 5)
const folder = mkdtempSync(join(tmpdir(), 'keel-bench-'))
try {
  for (let round = 0; round < rounds; round += 1) {
    const everybody = Array.from({ length: 1000 }, () => parseRecipient(generateKeyPair().public))
    const list = join(folder, 'recipients')
    writeFileSync(list, everybody.join('\n'))
    const start = performance.now()
    await encryptFile(Buffer.from('x'), everybody, { armor: false })
    const ours = performance.now() - start
    execFileSync('age', ['-R', list], { input: 'x' })
    const theirs = performance.now() - start - ours
    process.stdout.write(
      `keel ${ours.toFixed(0)} ms in process, age ${theirs.toFixed(0)} ms: ${(ours / theirs).toFixed(2)} times\n`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
