import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { k3sPast } from '../../../../src/desired/distribution/k3s/access.ts'
import type { Fault } from '../../../../src/errors.ts'
import type { K3sVersion } from '../../../../src/model/brands.ts'
import type { Role } from '../../../../src/model/cluster.ts'
import { changesMinor, versionRefusals } from '../../../../src/plan/refusals/version-refusals.ts'
import { pastVersion } from '../../../../src/probes/distribution/seen-past.ts'
import { sampleCluster, sampleHost, sampleK3s } from '../../../support/samples/sample-cluster.ts'

/** A host that runs a version, or is new. */
const asked = (name: string, role: Role, version?: string) => ({
  host: sampleHost({ name, role }),
  facts: { past: { server: role === 'server', agent: true, ...(version === undefined ? {} : { version }) } },
})
const cluster = (version: string) => sampleCluster([], { distribution: sampleK3s({ version: version as K3sVersion }) })
const ocean = (version?: string) => asked('ocean', 'server', version)
const maia = (version?: string) => asked('maia', 'agent', version)

describe('what Kubernetes does not allow between versions', () => {
  it.each([
    ['the same', 'v1.34.4+k3s1', [ocean('v1.34.4+k3s1'), maia('v1.34.4+k3s1')], [], []],
    ['a newer patch', 'v1.34.9+k3s1', [ocean('v1.34.4+k3s1')], [], []],
    ['an older patch', 'v1.34.1+k3s1', [ocean('v1.34.4+k3s1')], [], []],
    ['the next minor, all at once', 'v1.35.0+k3s1', [ocean('v1.34.4+k3s1'), maia('v1.34.4+k3s1')], [], []],
    ['the next minor, a new agent at once', 'v1.35.0+k3s1', [ocean('v1.34.4+k3s1'), maia()], [], []],
    [
      'a minor that skips one',
      'v1.36.0+k3s1',
      [ocean('v1.34.4+k3s1'), maia('v1.35.1+k3s1')],
      [],
      ['ocean version-skips'],
    ],
    [
      'an agent that skips one',
      'v1.36.0+k3s1',
      [maia('v1.34.4+k3s1')],
      [ocean('v1.36.0+k3s1')],
      ['maia version-skips'],
    ],
    ['a server downgraded', 'v1.34.4+k3s1', [ocean('v1.35.0+k3s1')], [], ['ocean version-downgrade']],
    ['an agent downgraded', 'v1.34.4+k3s1', [maia('v1.35.0+k3s1')], [ocean('v1.35.0+k3s1')], []],
    [
      'an agent before the servers',
      'v1.35.0+k3s1',
      [maia('v1.34.4+k3s1')],
      [ocean('v1.34.4+k3s1')],
      ['maia kubelet-newer'],
    ],
    ['a new agent before the servers', 'v1.35.0+k3s1', [maia()], [ocean('v1.34.4+k3s1')], ['maia kubelet-newer']],
    ['an agent after the servers', 'v1.35.0+k3s1', [maia('v1.34.4+k3s1')], [ocean('v1.35.2+k3s1')], []],
    [
      'one server of two',
      'v1.35.0+k3s1',
      [asked('two', 'server', 'v1.34.4+k3s1')],
      [ocean('v1.34.4+k3s1')],
      ['two kubelet-newer'],
    ],
    ['a new agent that is too old', 'v1.33.0+k3s1', [maia()], [ocean('v1.37.0+k3s1')], ['maia kubelet-too-old']],
    ['a new agent that is three minors older', 'v1.33.0+k3s1', [maia()], [ocean('v1.36.0+k3s1')], []],
    [
      'a server that is ahead already',
      'v1.35.0+k3s1',
      [ocean('v1.35.0+k3s1')],
      [asked('two', 'server', 'v1.34.4+k3s1')],
      [],
    ],
    [
      'the server that an upgrade has left behind',
      'v1.35.0+k3s1',
      [asked('two', 'server', 'v1.34.4+k3s1')],
      [ocean('v1.35.0+k3s1')],
      [],
    ],
    ['a server that has no data', 'v1.36.0+k3s1', [maia()], [ocean()], []],
    ['a build of one\u2019s own', 'v1.35.0+lookalike', [ocean('v1.33.0-rc1+own')], [], ['ocean version-skips']],
  ])('%s', (_what, version, selected, others, expected) => {
    const faults = versionRefusals(cluster(version), selected, others, [])
    expect(faults.map(({ at, code }) => `${at} ${code}`)).toEqual(expected)
  })

  it('a server that does not answer stands in the way of a newer minor, and of nothing else', () => {
    const silent = [{ code: 'unreachable', at: 'ocean', found: 'no route to host' }]
    const refused = (running?: string) =>
      versionRefusals(cluster('v1.35.0+k3s1'), [maia(running)], [], silent).map(({ code }) => code)
    expect(refused('v1.34.4+k3s1')).toEqual(['version-blind'])
    expect(refused('v1.35.4+k3s1')).toEqual([])
    expect(refused('v1.36.1+k3s1')).toEqual([])
    expect(refused()).toEqual([])
  })

  it('each host has one fault of a kind, whatever number of servers is behind it', () => {
    const of = (servers: ReturnType<typeof asked>[], silent: readonly Fault[] = []) =>
      versionRefusals(cluster('v1.35.0+k3s1'), [maia('v1.34.4+k3s1')], servers, silent).map(({ code }) => code)
    const server = (name: string) => asked(name, 'server', 'v1.34.4+k3s1')
    expect(of([server('one'), server('two')])).toEqual(['kubelet-newer'])
    expect(
      of(
        [],
        [
          { code: 'unreachable', found: 'a' },
          { code: 'unreachable', found: 'b' },
        ],
      ),
    ).toEqual(['version-blind'])
  })

  it('the cure names what to deploy, and to which version', () => {
    const todo = (version: string, selected: ReturnType<typeof asked>, others: ReturnType<typeof asked>[] = []) =>
      versionRefusals(cluster(version), [selected], others, [])[0]?.todo
    expect(todo('v1.36.0+k3s1', ocean('v1.34.4+k3s1'))).toContain('set version to one of 1.35, deploy')
    expect(todo('v1.34.4+k3s1', ocean('v1.35.0+k3s1'))).toContain('1.35 or newer')
    expect(todo('v1.35.0+k3s1', maia(), [ocean('v1.34.4+k3s1')])).toMatch(/all in one deploy, or everything/)
    expect(todo('v1.35.0+k3s1', asked('two', 'server'), [ocean('v1.34.4+k3s1')])).toMatch(/all in one deploy$/)
  })
})

it.each([
  ['v1.34.9+k3s1', false],
  ['v1.33.4+k3s1', true],
  [undefined, false],
])('from %s the minor changes: %s', (version, changes) =>
  expect(changesMinor(cluster('v1.34.4+k3s1'), ocean(version).facts)).toBe(changes),
)

it.each([
  ['k3s version v1.34.4+k3s1 (0a1b2c3d)\ngo version go1.24.9', 'server/db', 'v1.34.4+k3s1'],
  ['k3s version v1.34.4+k3s1 (0a1b2c3d)', 'elsewhere', undefined],
  ['not found', 'server/db', undefined],
])('of a program that says %j, with %s', async (says, data, version) => {
  const directory = await mkdtemp(join(tmpdir(), 'keel-k3s-'))
  try {
    await mkdir(join(directory, data), { recursive: true })
    await writeFile(join(directory, 'k3s'), `#!/bin/sh\n[ "$*" = --version ] && cat <<'END'\n${says}\nEND\n`, {
      mode: 0o755,
    })
    const script = pastVersion.script(k3sPast).replaceAll('/var/lib/rancher/k3s', directory)
    const { stdout } = await execa('bash', ['-s'], { input: script, env: { PATH: `${directory}:${process.env.PATH}` } })
    expect(pastVersion.parse(stdout).version).toBe(version)
  } finally {
    await rm(directory, { recursive: true })
  }
})
