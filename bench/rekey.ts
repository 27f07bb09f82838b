/**
 * `keel rekey` beside the `age` program and what agenix runs around it: `node bench/rekey.ts [rounds]` after
 * `npm run build`; it takes age, and for the further ratios nix-instantiate, jq and bash (Debian: age, nix-bin, jq).
 * Goals: 100 files at least 20 times faster than a loop like agenix's; `keel rekey --check` of 1,000 files in a second
 * beyond keel's start.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '../src/lab/host/ssh-keys.ts'
import { parseRecipient } from '../src/model/keys/recipient.ts'
import { encryptFile } from '../src/secrets/age/file.ts'
import { loops } from './rekey/loops.ts'
import { keel, paired, run, say } from './support/paired.ts'

const rounds = Number(process.argv[2] ?? 5)
const HOSTS = 5

const scratch = mkdtempSync(join(tmpdir(), 'keel-bench-'))
try {
  const admin = generateKeyPair()
  const hosts = Array.from({ length: HOSTS }, () => generateKeyPair().public)
  const identity = join(scratch, 'id_ed25519')
  writeFileSync(identity, admin.private, { mode: 0o600 })
  await compareRekey(identity, admin.public, hosts)
  await compareCheck(admin.public, hosts)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** The files are encrypted to the admin alone, and every round anew to the admin and the hosts. */
async function compareRekey(identity: string, admin: string, hosts: readonly string[]): Promise<void> {
  const folder = join(scratch, 'rekey')
  const names = writeInventory(folder, { files: 100, admin, hosts })
  await writeSecrets(join(scratch, 'stale'), names, [admin])
  const files = names.map((name) => `secrets/${name}.age`)
  const restore = () => cpSync(join(scratch, 'stale'), join(folder, 'secrets'), { recursive: true })
  for (const { what, programs, script } of loops) {
    const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
    if (missing.length > 0) {
      say(`rekey of 100 files beside ${what}: left out, as ${missing.join(' and ')} is not here`)
      continue
    }
    const { medians, ratio } = paired(
      rounds,
      () => run('bash', ['-c', script(files, [admin, ...hosts]), 'bash', identity, folder]),
      () => run(keel, ['rekey', '-C', folder, '--identity', identity]),
      restore,
    )
    say(
      `rekey of 100 files: ${ratio.toFixed(1)} × faster than ${what} (${medians.map((time) => time.toFixed(0)).join(' and ')} ms)`,
    )
  }
}

async function compareCheck(admin: string, hosts: readonly string[]): Promise<void> {
  const folder = join(scratch, 'check')
  const names = writeInventory(folder, { files: 1000, admin, hosts })
  await writeSecrets(join(folder, 'secrets'), names, [admin, ...hosts])
  const { medians } = paired(
    rounds,
    () => run(keel, ['rekey', '--check', '-C', folder]),
    () => run(keel, ['--version']),
  )
  const [check, start] = medians
  say(`rekey --check of 1,000 files: ${(check - start).toFixed(0)} ms beyond keel's start (${start.toFixed(0)} ms)`)
}

/** @returns the names of its secrets */
function writeInventory(
  folder: string,
  { files, admin, hosts }: { readonly files: number; readonly admin: string; readonly hosts: readonly string[] },
): string[] {
  const tokens = ['k3s-server-token', 'k3s-agent-token']
  const names = [...tokens, ...Array.from({ length: files - tokens.length }, (_, index) => `s${index}`)]
  const write = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value))
  mkdirSync(join(folder, 'secrets'), { recursive: true })
  write('secrets.yaml', {
    admins: { ada: admin },
    secrets: Object.fromEntries(names.map((name) => [name, { readers: ['admins', 'servers'] }])),
  })
  for (const [index, hostKey] of hosts.entries()) {
    mkdirSync(join(folder, `hosts/n${index}`), { recursive: true })
    write(`hosts/n${index}/host.yaml`, { os: 'debian', role: 'server', address: `root@10.0.0.${index + 1}`, hostKey })
  }
  write('hosts/cluster.yaml', { firstServer: 'n0' })
  const rules = names.map(
    (name) => `"secrets/${name}.age".publicKeys = [ ${[admin, ...hosts].map((key) => `"${key}"`).join(' ')} ];`,
  )
  writeFileSync(join(folder, 'rules.nix'), `{ ${rules.join('\n')} }`)
  return names
}

async function writeSecrets(folder: string, names: readonly string[], readers: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const recipients = readers.map(parseRecipient)
  for (const name of names) {
    writeFileSync(
      join(folder, `${name}.age`),
      await encryptFile(Buffer.from('a'.repeat(64)), recipients, { armor: false }),
    )
  }
}
