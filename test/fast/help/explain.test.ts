import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explainedCodes, explanations } from '../../../src/help/faults/index.ts'
import { exampleOf } from '../../../src/help/keys/example.ts'
import { inventoryKeys } from '../../../src/help/keys/key.ts'
import { optionSamples } from '../../../src/help/keys/samples.ts'
import { topics } from '../../../src/help/pages.ts'
import { k3sFlags } from '../../../src/model/k3s/k3s-flags.ts'
import { readOption } from '../../../src/model/k3s/read-option.ts'
import { clusterSchema, hostSchema, secretsSchema } from '../../../src/model/schema/input.ts'
import { faultCodes } from '../../support/help/fault-codes.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'

const keys = inventoryKeys()

describe('keel explain KEY', () => {
  test('describes a key, with its type, default, place and an example in both forms', async () => {
    expect(await keel('/', ['explain', 'cluster.vip.manager'])).toEqual({
      exit: 0,
      err: '',
      out: `# cluster.vip.manager

what moves it: \`keepalived\` (VRRP, a package of the system), \`kube-vip\` (a DaemonSet) or \`ha-vip\`

- **Type**: \`keepalived\`, \`kube-vip\`, \`ha-vip\`
- **Default**: \`keepalived\`; \`kube-vip\` if all servers are Flatcar; required if the servers run different systems
- **In**: \`hosts/cluster.ts\` or \`hosts/cluster.yaml\`

## In hosts/cluster.ts

\`\`\`ts
export default defineCluster({
  vip: { address: '203.0.113.9', manager: 'kube-vip' },
})
\`\`\`

## In hosts/cluster.yaml

\`\`\`yaml
vip:
  address: 203.0.113.9
  manager: kube-vip
\`\`\`

More: \`keel help inventory\`
`,
    })
  })

  test.each([
    ['vip.manager', 'cluster.vip.manager'],
    ['files.*.mode', 'host.files.NAME.mode'],
    ['host.files.*.mode', 'host.files.NAME.mode'],
    ['datastore', 'cluster.datastore'],
    ['host.k3s.kubelet-arg', 'host.k3s.kubelet-arg'],
    ['readers', 'secrets.secrets.NAME.readers'],
  ])('%s: %s', async (name, path) => {
    const { exit, out } = await keel('/', ['explain', name])
    expect({ exit, title: out.split('\n')[0] }).toEqual({ exit: 0, title: `# ${path}` })
  })

  test.each([
    ['tags', 'host.tags', ['cluster.defaults.tags']],
    ['k3s', 'host.k3s', ['cluster.k3s']],
    ['firewall', 'host.firewall', ['cluster.firewall']],
    ['kubelet-arg', 'host.k3s.kubelet-arg', ['cluster.k3s.kubelet-arg']],
    ['files.*.mode', 'host.files.NAME.mode', ['cluster.files.NAME.mode']],
  ])('%s is several keys: that of a host, and the commands that explain the others', async (name, path, others) => {
    const page = (await keel('/', ['explain', path])).out
    const also = others.map((other) => `\`keel explain ${other}\``).join(', ')
    expect(await keel('/', ['explain', name])).toEqual({ exit: 0, err: '', out: `${page}\nAlso: ${also}\n` })
  })

  test.each([
    ['vip.managr', 'vip.manager'],
    ['cluster.datastor', 'cluster.datastore'],
    ['ssh-refusd', 'ssh-refused'],
  ])('%s: none, and the nearest', async (name, nearest) => {
    expect(await keel('/', ['explain', name])).toMatchObject({
      exit: 2,
      out: '',
      err: expect.stringContaining(`did you mean \`keel explain ${nearest}\`?`),
    })
  })

  test('hosts: no key is near', async () => {
    expect(await keel('/', ['explain', 'hosts'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('do:  `keel explain` lists the keys, '),
    })
  })

  test.each([
    ['host.tags', 'a list of texts'],
    ['host.k3s.kubelet-arg', 'a text, or a list of texts'],
  ])('%s takes %s', async (name, type) => {
    expect((await keel('/', ['explain', name])).out).toContain(`\n- **Type**: ${type}\n`)
  })

  test('the example of a generated secret has the name of a secret that keel generates', async () => {
    const { out } = await keel('/', ['explain', 'generate'])
    expect(out).toMatch(/'k3s-agent-token': \{.* generate: 'k3s-token'/)
  })

  test('without a name: all keys as a tree, but the options of k3s', async () => {
    const { exit, out } = await keel('/', ['explain'])
    expect(exit).toBe(0)
    for (const { path } of keys.filter((key) => !key.path.includes('.k3s.')))
      expect(out).toMatch(new RegExp(`^ {${2 * (path.split('.').length - 1)}}${path.split('.').at(-1)} `, 'm'))
    expect(out).not.toContain('kubelet-arg')
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('lists the keys below one', async () => {
    expect((await keel('/', ['explain', 'host.k3s'])).out).toContain('| `host.k3s.kubelet-arg` | ')
  })
})

describe('the examples of keys', () => {
  const whole = {
    host: { role: 'agent', address: 'root@203.0.113.12' },
    cluster: {},
    secrets: { admins: {}, secrets: {} },
  }
  const schemas = { host: hostSchema, cluster: clusterSchema, secrets: secretsSchema }
  const ofK3s = keys.filter(({ path }) => path.includes('.k3s.'))
  const others = keys.filter((key) => !ofK3s.includes(key))

  test.each(others.map((key) => [key.path, key] as const))('%s is in its example, which keel accepts', (path, key) => {
    const example = exampleOf(key, keys)
    let inner: unknown = example
    for (const part of path.split('.').slice(1)) {
      const own = part === 'NAME' ? Object.keys(inner as object)[0] : part
      inner = (inner as Record<string, unknown>)[own ?? '']
    }
    expect(inner).toBeDefined()
    const { error } = schemas[key.file].safeParse({ ...whole[key.file], ...example })
    expect(error?.issues).toBeUndefined()
  })

  test.each(ofK3s.map((key) => [key.path, key] as const))('%s: k3s takes it', (path, key) => {
    const name = path.split('.').at(-1) ?? ''
    const flag = k3sFlags.server.get(name) ?? k3sFlags.agent.get(name)
    const { k3s = {} }: { k3s?: Record<string, unknown> } = exampleOf(key, keys) ?? {}
    expect(flag && readOption(flag, k3s[name], () => undefined)).toHaveProperty('value')
  })

  test('no example of an option is for none', () => {
    expect(Object.keys(optionSamples).filter((end) => !keys.some(({ what }) => what.endsWith(`: ${end}`)))).toEqual([])
  })
})

describe('keel explain CODE', () => {
  const inSource = faultCodes()

  test('every code in src/ is explained, and no other', () => {
    const unexplained = [...inSource].filter(([code]) => !explainedCodes().includes(code))
    expect(unexplained, 'add it to a file of src/help/faults/, then `npm run schema`').toEqual([])
    expect(explainedCodes().filter((code) => !inSource.has(code))).toEqual([])
    expect(inSource.size).toBeGreaterThan(300)
  })

  test('each code is explained once, in short sentences that name a topic which is there', () => {
    const codes = explainedCodes()
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
    const names = topics().map(({ name }) => name)
    for (const { codes, means, cause, todo, topic } of Object.values(explanations).flat()) {
      if (topic !== undefined) expect(names, codes[0]).toContain(topic)
      for (const text of [means, cause, todo]) {
        expect(text, codes[0]).toMatch(/^\S.{15,360}[.!?)]$/)
        expect(text, codes[0]).not.toMatch(/docs\//)
      }
    }
  })

  test('says what it means, why, and what to do', async () => {
    const { exit, out } = await keel('/', ['explain', 'ssh-host-key'])
    expect(exit).toBe(0)
    expect(out).toMatch(
      /^# ssh-host-key\n\nThe host showed another key[^\n]*\n\n\*\*Usual cause\*\*: [^\n]*\n\n\*\*What to do\*\*: [^\n]*\n\nMore: `keel help security`\n$/,
    )
  })

  test('of a name that is a key, too, explains both', async () => {
    const { exit, out } = await keel('/', ['explain', 'secrets'])
    expect({ exit, title: out.split('\n')[0] }).toEqual({ exit: 0, title: '# secrets.secrets' })
  })

  test('of a name that is several keys, too, explains the keys first', async () => {
    const { exit, out } = await keel('/', ['explain', 'network'])
    expect(exit).toBe(0)
    expect(out).toMatch(/^# host\.network\n[\s\S]*\nAlso: `keel explain [^\n]*\n\n# network\n\nThe text is not what/)
  })

  test('docs/errors.md has every code', () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/errors.md', import.meta.url)), 'utf8')
    for (const code of inSource.keys()) expect(page).toContain(`\`${code}\``)
  })
})

describe('a fault on a terminal', () => {
  const messageOf = async (argv: readonly string[], isTTY: boolean) => {
    const { io } = recordingIo('/')
    return (await keel('/', argv, '', { stderr: Object.assign(io.stderr, { isTTY }) })).exit
  }

  test('names the command that explains it, a pipe gets the message alone', async () => {
    const shown: string[] = []
    for (const isTTY of [true, false]) {
      const { io, printed } = recordingIo('/')
      const { main } = await import('../../../src/cli.ts')
      await main(['plan', '-C', '/'], { ...io, stderr: Object.assign(io.stderr, { isTTY }) })
      shown.push(printed().err)
    }
    expect(shown[0]).toBe(`${shown[1]}more: keel explain no-inventory\n`)
    expect(shown[1]).toMatch(/^keel: /)
  })

  test('does not for a command line that is wrong', async () => {
    const { io, printed } = recordingIo('/')
    const { main } = await import('../../../src/cli.ts')
    await main(['help', 'nonsense'], { ...io, stderr: Object.assign(io.stderr, { isTTY: true }) })
    expect(printed().err).not.toContain('keel explain')
    expect(await messageOf(['explain', 'nonsense'], true)).toBe(2)
  })
})

test('a shell completes keys and codes', async () => {
  const { out } = await keel('/', ['complete', '--', 'explain', 'cluster.vip.m'])
  expect(out).toBe('cluster.vip.manager\n')
  expect((await keel('/', ['complete', '--', 'explain', 'ssh-r'])).out).toBe('ssh-refused\n')
})
