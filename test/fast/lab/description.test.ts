import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostOf, type LabOf, readLab, writeLab } from '../../../src/lab/description.ts'
import { k3sOptions } from '../../../src/lab/k3s/k3s-options.ts'
import { labStatus } from '../../../src/lab/status.ts'
import flags from '../../../src/model/k3s/k3s-flags.json' with { type: 'json' }

const lab: LabOf<'k3s'> = {
  format: 1,
  distribution: 'k3s',
  name: 'demo',
  subnet: '10.77.0.0/24',
  identity: '/state/identity',
  hosts: [
    {
      name: 'server-1',
      role: 'server',
      os: 'debian',
      arch: 'amd64',
      address: 'root@10.77.0.11',
      hostKey: 'ssh-ed25519 AAAA',
      nodeIP: '10.77.0.11',
      podCIDR: '10.42.1.0/24',
    },
  ],
  k3s: { version: 'v1.36.3+lookalike', arch: 'amd64', path: '/cache/k3s', sha256: 'a'.repeat(64), kind: 'lookalike' },
  k3sOptions,
  images: [],
}

let state = ''
const env = () => ({ KEEL_LAB_STATE: state })

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'keel-lab-test-'))
  for (const [name, text] of Object.entries({
    demo: JSON.stringify(lab),
    old: JSON.stringify({ ...lab, format: 0 }),
  })) {
    await mkdir(join(state, name))
    await writeFile(join(state, name, 'lab.json'), text)
  }
  for (const name of ['half', 'flat']) await mkdir(join(state, name))
})
afterAll(() => rm(state, { recursive: true }))

describe('lab.json', () => {
  test('is read back as it was written', async () => {
    expect(await readLab('demo', env())).toEqual(lab)
  })

  test('a Flatcar look-alike has no host key before its first boot', async () => {
    const [host] = lab.hosts
    if (host === undefined) throw new Error('no host')
    const { hostKey: _, ...keyless } = { ...host, os: 'flatcar' as const, address: 'core@10.77.0.11' }
    await writeLab({ ...lab, name: 'flat', hosts: [keyless] }, env())
    expect((await readLab('flat', env())).hosts).toEqual([keyless])
    expect(await readFile(join(state, 'flat', 'known_hosts'), 'utf8')).toBe('')
    await writeLab({ ...lab, name: 'flat', hosts: [{ ...keyless, hostKey: 'ssh-ed25519 AAAA' }] }, env())
    expect(await readFile(join(state, 'flat', 'known_hosts'), 'utf8')).toBe('10.77.0.11 ssh-ed25519 AAAA\n')
  })

  test.each([
    ['nothing', 'lab-unknown'],
    ['half', 'lab-unknown'],
    ['old', 'lab-description'],
    ['../etc', 'lab-name'],
  ])('of a lab %j: %s', async (name, code) => {
    await expect(readLab(name, env())).rejects.toMatchObject({ code })
  })

  test('a host that is not in it is refused, with the names that are', () => {
    expect(() => hostOf(lab, 'server-2')).toThrow('server-1')
  })

  test('a lab that never came up is shown as such', async () => {
    expect(await labStatus(env(), 'half')).toEqual([{ state: 'incomplete', name: 'half' }])
  })
})

test.each(['server', 'agent'] as const)("the lab's k3s options for a %s are flags that k3s has", (role) => {
  const known = flags.commands[role].map(({ name }) => name)
  expect(known).toEqual(expect.arrayContaining(Object.keys(k3sOptions[role])))
})
