import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'
import { fakeInventory } from '../../support/hosts/fake-inventory.ts'
import { type Answer, type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-kubeconfig-'))
const inventory = join(root, 'inventory')
const key = join(root, 'key')
const client = makeServerCa(Date.now())
const base64 = (text: string) => Buffer.from(text).toString('base64')

let servers: readonly FakeSshHost[]
let answers: readonly Answer[]

const config = (ca = readFileSync(join(inventory, 'secrets/server-ca.crt'), 'utf8')) =>
  JSON.stringify({
    clusters: [{ name: 'default', cluster: { server: 'https://evil:6443', 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'default',
        user: {
          exec: { command: 'evil' },
          'client-certificate-data': base64(client.certificate),
          'client-key-data': base64(client.key),
        },
      },
    ],
  })
const none = says('', { stderr: 'cat: /etc/rancher/k3s/k3s.yaml: No such file or directory\n', exitCode: 1 })

beforeAll(async () => {
  servers = await Promise.all(
    [0, 1].map((index) => startFakeSshHost((channel, host) => answers[index]?.(channel, host))),
  )
  const [srv0, srv1] = servers
  if (srv0 === undefined || srv1 === undefined) throw new Error('no servers')
  const hosts = { srv0: { role: 'server', host: srv0 }, srv1: { role: 'server', host: srv1 } } as const
  await fakeInventory(root, hosts, '--name', 'home')
})
afterAll(async () => {
  for (const server of servers ?? []) await server[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})

const run = (given: readonly Answer[], ...argv: readonly string[]) => {
  answers = given
  return keel(inventory, ['kubeconfig', '-i', key, ...argv], '', { env: { HOME: root, PATH: process.env.PATH } })
}

describe('keel kubeconfig', () => {
  test('prints one for the first server, with nothing of what the server says besides its credentials', async () => {
    const { exit, out, err } = await run([says(config()), none])
    expect(exit, err).toBe(0)
    expect(out).not.toContain('evil')
    expect(parse(out)).toMatchObject({
      clusters: [{ name: 'home', cluster: { server: 'https://127.0.0.1:6443' } }],
      contexts: [{ name: 'admin@home' }],
      'current-context': 'admin@home',
    })
    expect(err).toMatch(/its certificate ends on \d{4}-\d\d-\d\d; get a new one with the same command\n$/)
    expect(err).not.toContain(base64(client.key))
  })

  test('asks the next server where the first has none', async () => {
    const { exit, out, err } = await run([none, says(config())], '--name', 'other')
    expect(exit, err).toBe(0)
    expect(parse(out)).toMatchObject({ clusters: [{ name: 'other' }] })
    expect(err).toMatch(/srv0: no kubeconfig on this server: cat: .*No such file/)
  })

  test('ends with the last fault where no server has one', async () => {
    const { exit, out, err } = await run([none, none])
    expect([exit, out]).toEqual([1, ''])
    expect(err).toMatch(/srv0: no kubeconfig[\s\S]*keel: srv1: no kubeconfig/)
  })

  test('refuses a server of another CA', async () => {
    const { exit, out, err } = await run([says(config(client.certificate)), none], '--merge')
    expect([exit, out]).toEqual([1, ''])
    expect(err).toContain('srv0: the CA in its kubeconfig is not the one in secrets/server-ca.crt')
  })

  test('--merge writes ~/.kube/config, readable by its owner alone, and says what was current', async () => {
    const file = join(root, '.kube/config')
    const first = await run([says(config()), none], '--merge')
    expect(first.exit, first.err).toBe(0)
    expect(first.err).toContain(`${file}: context admin@home, https://127.0.0.1:6443\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const second = await run([says(config()), none], '--merge', '--name', 'two')
    expect(second.err).toContain('; the current context was admin@home\n')
    expect(parse(readFileSync(file, 'utf8')).clusters.map(({ name }: { name: string }) => name)).toEqual([
      'home',
      'two',
    ])
  })

  test('--out writes a new file, and no old one', async () => {
    expect((await run([says(config()), none], '--out', 'admin.conf')).exit).toBe(0)
    const written = readFileSync(join(inventory, 'admin.conf'), 'utf8')
    const again = await run([says(config()), none], '--out', 'admin.conf')
    expect(again.exit).toBe(2)
    expect(again.err).toContain('the file is there already')
    expect(readFileSync(join(inventory, 'admin.conf'), 'utf8')).toBe(written)
    expect((await run([says(config()), none], '--out', 'admin.conf', '--merge')).exit).toBe(0)
  })
})
