import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { certifierOf } from '../../../src/commands/shared/certifier.ts'
import { NAMESPACE, placePairScript, receiveScript, requestScript } from '../../../src/deploy/certify/scripts.ts'
import type { Staging } from '../../../src/deploy/host/host-script.ts'
import type { HostName } from '../../../src/model/brands.ts'
import { signerOf } from '../../../src/model/keys/ssh-signature.ts'
import { firstPair, whyCertify } from '../../../src/parts/keel-agent/first-certificate.ts'
import { type SandboxedHost, startSandboxedHost } from '../../support/hosts/sandboxed-host.ts'
import { agentCa } from '../../support/keel-agent/first-pair.ts'

/** A host's first certificate, from its own key to the folder of the agent, by the programs of a real host. */
let host: SandboxedHost
const wanted = { ca: agentCa.certificate, node: 'ocean' as HostName, names: ['10.0.0.1', 'ocean.example', 'fd00::1'] }
const certifier = certifierOf(async () => Buffer.from(agentCa.key))
let round = 0

beforeAll(async () => {
  host = await startSandboxedHost()
})
afterAll(() => host?.stop())
beforeEach(() => host.sh('rm -rf /var/lib/keel/*'))

const why = async () => whyCertify(wanted, firstPair.parse(await host.sh(firstPair.script())))
const pairs = async () => (await host.sh('ls -A /var/lib/keel/crypto 2>/dev/null || true')).split('\n').filter(Boolean)

const run = (script: string, input = '') =>
  host.transport.run(script, { name: 'test', ...(input === '' ? {} : { input: Buffer.from(input) }) })

async function staged(): Promise<Pick<Staging, 'id'>> {
  round += 1
  // a NixOS host with the right system: nothing else is staged, so no question is asked
  const staging = { id: `${round}`.padStart(16, '0') }
  const { exitCode, stdout, stderr } = await run(requestScript(staging, 'a challenge'))
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).not.toContain('PRIVATE')
  const publicKey = signerOf('a challenge', NAMESPACE, /^proof (.*)$/m.exec(stdout)?.[1] ?? '') ?? expect.unreachable()
  const certificate = await certifier.sign({ ...wanted, publicKey, names: [wanted.node, ...wanted.names] })
  expect(await run(receiveScript(staging), certificate)).toMatchObject({ exitCode: 0 })
  return staging
}

describe('the first certificate of a host', () => {
  test('comes with a key that the host has made, readable by root alone, and leaves nothing else', async () => {
    expect(await why()).toBe('missing')
    const staging = await staged()
    expect(await run(placePairScript(staging))).toMatchObject({ exitCode: 0 })
    expect(await why()).toBeUndefined()
    expect(await host.sh('stat -c %a /var/lib/keel/crypto')).toMatch(/^700/)
    expect(await pairs()).toEqual([`.first.pem-${staging.id}`, '.first.pem-current', 'first.key', 'first.pem'])
    expect(await host.sh('ls -A /var/lib/keel/staged')).toBe('')
  })

  test('is one that openssl verifies, with the CA as a CA of its own', async () => {
    await run(placePairScript(await staged()))
    const pem = await host.sh('cat /var/lib/keel/crypto/first.pem')
    const folder = mkdtempSync(join(tmpdir(), 'keel-first-'))
    try {
      writeFileSync(join(folder, 'ca.pem'), agentCa.certificate)
      writeFileSync(join(folder, 'first.pem'), pem)
      const verify = (...more: readonly string[]) =>
        `${execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', 'ca.pem', ...more, 'first.pem'], { cwd: folder, stdio: 'pipe' })}`
      expect(verify('-purpose', 'sslserver', '-verify_hostname', 'ocean')).toBe('first.pem: OK\n')
      expect(verify('-verify_ip', 'fd00::1')).toBe('first.pem: OK\n')
      expect(() => verify('-purpose', 'sslclient')).toThrow()
      expect(() => verify('-verify_hostname', 'bay')).toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('is replaced together with its key', async () => {
    await run(placePairScript(await staged()))
    const before = new X509Certificate(await host.sh('cat /var/lib/keel/crypto/first.pem'))
    const staging = await staged()
    expect(await run(placePairScript(staging))).toMatchObject({ exitCode: 0 })
    const after = new X509Certificate(await host.sh('cat /var/lib/keel/crypto/first.pem'))
    expect(after.serialNumber).not.toBe(before.serialNumber)
    expect(await why()).toBeUndefined()
    expect(await pairs()).toHaveLength(4)
  })

  test.each([
    ['the first one', undefined],
    ['a later one', 'fits'],
  ])('fits its key or is not there, wherever the script that places %s is killed', async (_, fits) => {
    for (let step = 1, killed = true; killed; step += 3) {
      await host.sh('rm -rf /var/lib/keel/*')
      if (fits !== undefined) await run(placePairScript(await staged()))
      const staging = await staged()
      const killAt = `step=0; trap 'step=$((step+1)); [ $step -lt ${step} ] || kill -9 $$' DEBUG; set -T\n`
      killed = (await run(killAt + placePairScript(staging))).exitCode !== 0
      expect([undefined, ...(fits === undefined ? ['missing'] : [])]).toContain(await why())
      const next = await staged()
      expect(await run(placePairScript(next))).toMatchObject({ exitCode: 0 })
      expect(await why()).toBeUndefined()
      expect(await pairs()).toEqual([`.first.pem-${next.id}`, '.first.pem-current', 'first.key', 'first.pem'])
    }
  })

  test('is made anew for a key that others could read', async () => {
    await run(placePairScript(await staged()))
    await host.sh('chmod 644 /var/lib/keel/crypto/first.key')
    expect(await why()).toBe('mode')
  })
})
