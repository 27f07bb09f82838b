import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { init } from '../../../src/commands/init.ts'
import type { Io } from '../../../src/commands/shared/command.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { k3sOptions } from '../../../src/lab/k3s/k3s-options.ts'
import { fingerprint, parseSshPublicKey } from '../../../src/model/keys/ssh-key.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { BASE } from './variant.ts'

const keyOf = (file: string) => /'(ssh-ed25519 [^']+)'/.exec(readFileSync(join(BASE, file), 'utf8'))?.[1] ?? ''
const [ADA, A, B] = ['secrets.ts', 'hosts/a/host.ts', 'hosts/b/host.ts'].map(keyOf)
const HOSTS = [
  `name=a,address=root@10.0.0.1,hostKey=${A},nodeIP=10.0.0.1`,
  `name=b,address=root@[fd00::2]:2222,hostKey=${B}`,
]

/** A terminal that answers what it is told to; without answers there is none. */
function testIo(answers?: readonly (string | Error)[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'keel-init-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const left = [...(answers ?? [])]
  const questions: string[] = []
  const notes: string[] = []
  const io: Io = {
    cwd,
    env: { HOME: join(cwd, 'nobody') },
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    print: () => undefined,
    note: (text) => void notes.push(text),
    complain: (text) => void notes.push(text),
    show: () => undefined,
    colors: { stdout: false, stderr: false },
    ask: async (question) => {
      questions.push(question)
      const answer = answers === undefined ? undefined : left.shift()
      if (answer instanceof Error) throw answer
      return answer
    },
    signal: new AbortController().signal,
    now: () => new Date('2026-11-29T09:00:00Z'),
    run: new RunRecord(),
  }
  return { io, questions, left, notes }
}

const everything = { yes: true, admin: [`ada=${ADA}`], host: HOSTS } as const

describe('keel init', () => {
  test('what it makes loads, with its secrets encrypted and the careful options on', async () => {
    const { io, questions } = testIo()
    await init.run({ ...everything, dir: 'my.cluster', k3sVersion: 'v1.35.1+k3s1' }, io)
    const { cluster, directory } = await loadInventory(join(io.cwd, 'my.cluster'))
    expect(cluster).toMatchObject({
      name: 'my-cluster',
      distribution: { version: 'v1.35.1+k3s1' },
      admins: [{ name: 'ada', key: ADA }],
      warnings: [],
    })
    expect(cluster.hosts).toMatchObject([
      {
        name: 'a',
        role: 'server',
        os: 'debian',
        firstServer: true,
        hostKey: A,
        k3s: { 'secrets-encryption': true, 'write-kubeconfig-mode': '0600' },
      },
      { name: 'b', role: 'agent', address: { user: 'root', host: 'fd00::2', port: 2222 } },
    ])
    expect(readFileSync(join(directory, 'hosts/cluster.ts'), 'utf8')).toContain("firstServer: 'a'")
    const made = readdirSync(join(directory, 'secrets')).filter((name) => name.endsWith('.age'))
    expect(made).toEqual(['k3s-agent-token.age', 'k3s-server-ca-key.age', 'k3s-server-token.age'])
    expect(questions).toEqual([])
  })

  test('asks for what it is not told', async () => {
    const { io, left } = testIo([
      'prod',
      '',
      `ada=${ADA}`,
      'a',
      'nixos',
      '10.0.0.1',
      `${A}`,
      '',
      'b',
      '',
      '',
      '10.0.0.2',
      '',
      '',
      '',
    ])
    await init.run({ dir: 'x' }, io)
    const { cluster } = await loadInventory(join(io.cwd, 'x'))
    expect(cluster).toMatchObject({ name: 'prod', distribution: { version: 'v1.36.3+k3s1' } })
    expect(cluster.hosts).toMatchObject([
      { name: 'a', os: 'nixos', role: 'server', hostKey: A },
      { name: 'b', os: 'debian', role: 'agent' },
    ])
    expect(left).toEqual([])
  })

  test('says what is wrong with an answer, and asks for that one again', async () => {
    const { io, left, notes, questions } = testIo([
      ...['Prod!', 'prod', '1.34', '', 'nowhere.pub', `ada=${ADA}`],
      ...[
        'A',
        'servers',
        'a',
        'debain',
        '',
        'root@',
        '10.0.0.1',
        'ssh-dss AAAA',
        `${A}`,
        '10.0.0.999',
        '10.0.0.1,10.0.0.2',
        '10.0.0.1',
      ],
      ...['a', 'b', 'boss', 'agent', '', '10.0.0.1', '10.0.0.2', '-', '', ''],
      ...['perhaps', 'yes'],
    ])
    await init.run({ dir: 'x' }, io)
    const { cluster } = await loadInventory(join(io.cwd, 'x'))
    expect(cluster).toMatchObject({
      name: 'prod',
      distribution: { version: 'v1.36.3+k3s1' },
      admins: [{ name: 'ada' }],
    })
    expect(cluster.hosts).toMatchObject([
      { name: 'a', role: 'server', hostKey: A, nodeIPs: ['10.0.0.1'] },
      { name: 'b', role: 'agent', address: { host: '10.0.0.2' } },
    ])
    expect(left).toEqual([])
    const twice = questions.filter((question, index) => questions[index - 1] === question)
    expect(notes.filter((note) => note.startsWith('  '))).toHaveLength(twice.length)
    expect(notes).toContainEqual(
      expect.stringContaining("'debain' is none of nixos, flatcar, debian; did you mean 'debian'?"),
    )
    expect(notes).toContainEqual(expect.stringContaining('that is the address of a'))
    expect(
      notes.find((note) => note.startsWith('cluster ')),
    ).toBe(`cluster prod, k3s v1.36.3+k3s1, in ${join(io.cwd, 'x')}
  admin ada: ssh-ed25519 ${fingerprint(parseSshPublicKey(ADA ?? ''))}
  server a: debian, 10.0.0.1, node address 10.0.0.1, host key ${fingerprint(parseSshPublicKey(A ?? ''))}
  agent b: debian, 10.0.0.2, no host key yet (keel add-node b)`)
  })

  test.each([
    ['Ctrl-C in the middle', new Error('SIGINT')],
    ['a no at the end', 'no'],
  ])(
    '%s writes nothing, and the command line for what was told is shown: it makes the same inventory',
    async (_what, end) => {
      const told = ['prod', '', `ada=${ADA}`, 'a', '', 'root@10.0.0.1:2222', `${A}`, '10.0.0.1', '']
      const { io, notes } = testIo([...told, end])
      const ended = end === 'no' ? { code: 'init-declined' } : { message: 'SIGINT' }
      await expect(init.run({ dir: 'x' }, io)).rejects.toMatchObject(ended)
      expect(readdirSync(io.cwd)).toEqual([])
      const [, line = ''] = notes.at(-1)?.split('\n  ') ?? []
      const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const value = (flag: string) => words[words.indexOf(flag) + 1] ?? ''
      expect(words.slice(0, 3)).toEqual(['keel', 'init', 'x'])
      const flags = {
        name: value('--name'),
        k3sVersion: value('--k3s-version'),
        admin: [value('--admin')],
        host: [value('--host')],
      }
      await init.run({ dir: 'x', yes: true, ...flags }, io)
      const { cluster } = await loadInventory(join(io.cwd, 'x'))
      expect(cluster).toMatchObject({ name: 'prod', admins: [{ name: 'ada', key: ADA }] })
      expect(cluster.hosts).toMatchObject([{ name: 'a', hostKey: A, address: { port: 2222 }, nodeIPs: ['10.0.0.1'] }])
    },
  )

  test('a machine that does not answer has no key yet; one that does shows its own, which a person compares', async () => {
    await using host = await startFakeSshHost(() => undefined)
    const key = host.target().hostKey
    const { io, notes } = testIo([
      ...['prod', '', `ada=${ADA}`, 'a', '', `root@127.0.0.1:${host.port}`, '', 'no', '', 'yes', '10.0.0.1'],
      ...['b', '', '', 'root@127.0.0.2:1', '', '', '10.0.0.2', ''],
    ])
    await init.run({ dir: 'x' }, io)
    const { cluster } = await loadInventory(join(io.cwd, 'x'))
    expect(cluster.hosts.map(({ name, hostKey }) => [name, hostKey])).toEqual([
      ['a', key],
      ['b', undefined],
    ])
    expect(notes.filter((note) => note.includes(fingerprint(parseSshPublicKey(key))))).toHaveLength(3)
    expect(notes).toContainEqual(expect.stringMatching(/refuses connections.*keel add-node b/))
  })

  test.for([
    ['no hosts', { admin: [`ada=${ADA}`] }, 'init-needs'],
    ['no admin', { host: HOSTS }, 'init-needs'],
    ['no hosts, and --yes', { yes: true, admin: [`ada=${ADA}`] }, 'init-needs'],
    ['a key file that is not there', { ...everything, admin: ['nowhere.pub'] }, 'admin-key'],
    ['a host without an address', { ...everything, host: ['name=a'] }, 'host-spec'],
    ['a host with an unknown key', { ...everything, host: ['name=a,adress=x'] }, 'host-spec'],
    ['a host with two names', { ...everything, host: ['name=a,address=x,name=b'] }, 'host-spec'],
    ['a host whose name climbs', { ...everything, host: ['name=../a,address=x'] }, 'host-name'],
  ] as const)('without a terminal, refuses and leaves nothing: %s', async ([, input, code]) => {
    const { io } = testIo()
    await expect(init.run({ ...input, dir: 'x' }, io)).rejects.toMatchObject({ code, exit: 2 })
    expect(readdirSync(io.cwd)).toEqual([])
  })

  test('a wrong inventory leaves nothing behind', async () => {
    const { io } = testIo()
    const wrong = init.run({ ...everything, host: [`name=a,address=-x,hostKey=${A}`], dir: 'x' }, io)
    await expect(wrong).rejects.toMatchObject({ faults: [{ code: 'ssh-address', at: 'hosts/a/host.ts:6:12' }] })
    expect(readdirSync(io.cwd)).toEqual([])
  })

  test('takes a lab as it is up, and leaves its spare hosts', async () => {
    const { io } = testIo()
    const host = { os: 'debian', arch: 'amd64', podCIDR: '10.42.1.0/24' }
    const lab = {
      format: 1,
      distribution: 'k3s',
      name: 'tryout',
      subnet: '10.77.0.0/24',
      identity: join(io.cwd, 'labs/tryout/identity'),
      hosts: [
        { ...host, name: 'a', role: 'server', address: 'root@10.77.0.11', hostKey: A, nodeIP: '10.77.0.11' },
        { ...host, name: 'b', role: 'agent', address: 'root@10.77.0.12', hostKey: B, nodeIP: '10.77.0.12' },
        { ...host, name: 'c', role: 'spare', address: 'root@10.77.0.13', hostKey: B, nodeIP: '10.77.0.13' },
      ],
      k3s: {
        version: 'v1.36.3+lookalike',
        arch: 'amd64',
        path: join(io.cwd, 'labs/k3s'),
        sha256: '0'.repeat(64),
        kind: 'lookalike',
      },
      k3sOptions,
      images: [],
    }
    mkdirSync(join(io.cwd, 'labs/tryout'), { recursive: true })
    writeFileSync(join(io.cwd, 'labs/k3s'), 'the program')
    writeFileSync(join(io.cwd, 'labs/tryout/lab.json'), JSON.stringify(lab))
    writeFileSync(join(io.cwd, 'labs/tryout/identity.pub'), `${ADA} lab\n`)
    await init.run({ dir: 'x', lab: 'tryout' }, { ...io, env: { ...io.env, KEEL_LAB_STATE: join(io.cwd, 'labs') } })
    const { cluster } = await loadInventory(join(io.cwd, 'x'))
    expect(cluster).toMatchObject({
      name: 'tryout',
      distribution: { version: 'v1.36.3+lookalike' },
      admins: [{ key: ADA }],
      warnings: [],
    })
    expect(
      cluster.hosts.map(({ name, k3s }) => [name, k3s['flannel-backend'], k3s['container-runtime-endpoint']]),
    ).toEqual([
      ['a', 'none', k3sOptions.agent['container-runtime-endpoint']],
      ['b', undefined, k3sOptions.agent['container-runtime-endpoint']],
    ])
  })

  test('takes a folder that holds no more than git', async () => {
    const { io } = testIo()
    mkdirSync(join(io.cwd, '.git'))
    writeFileSync(join(io.cwd, 'README.md'), 'mine\n')
    await init.run(everything, io)
    await loadInventory(io.cwd)
    expect(readFileSync(join(io.cwd, 'README.md'), 'utf8')).toBe('mine\n')
    expect(readdirSync(io.cwd).filter((name) => name.includes('keel-init'))).toEqual([])
  })

  test.for(['secrets.ts', 'notes.txt'])('touches no folder with a %s in it', async (name) => {
    const { io } = testIo()
    writeFileSync(join(io.cwd, name), 'mine\n')
    await expect(init.run(everything, io)).rejects.toMatchObject({ code: 'init-not-empty', exit: 2 })
    expect(readdirSync(io.cwd)).toEqual([name])
    expect(existsSync(join(io.cwd, 'hosts'))).toBe(false)
  })
})
