import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { clusterObjectsOf } from '../../../src/desired/cluster-objects.ts'
import { questionsFor } from '../../../src/fleet/survey.ts'
import type { Host } from '../../../src/model/cluster.ts'
import { digestOfSeen, factsDigestScript, settledDigestScript } from '../../../src/probes/facts-digest.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import { mark } from '../../../src/probes/sections.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const nixos = { source: { kind: 'flake', attribute: 'a' }, build: { on: 'target' } } as const
const agent = sampleHost({ name: 'maia' })
const system = sampleHost({ name: 'maia', os: 'nixos', nixos })
const server = sampleHost({ name: 'maia', role: 'server', firstServer: true })
const questions = (host: Host) => {
  const cluster = sampleCluster([host])
  const wanted = host.role === 'server' ? clusterObjectsOf(cluster) : undefined
  return questionsFor(renderedOf(cluster, host, sampleSurroundings), wanted)
}
/** The probes whose answers a script prints, without those of parts and services. */
function probesIn(script: string): readonly string[] {
  const known = new Set([
    ...['host-system', 'path-states', 'large-files', 'credential-notes', 'nixos-system', 'generation'],
    ...['past', 'past-version', 'run', 'cluster-objects', 'node-marks', 'cluster-names', 'digest'],
  ])
  const named = [...script.matchAll(/^printf '\u0001probe (\S+)\\n'$/gm)].map(([, name]) => name ?? '')
  return named.filter((name) => known.has(name))
}

describe('a host is asked in one script', () => {
  const inFiles = ['host-system', 'path-states', 'credential-notes', 'past', 'generation']
  it.each<[string, Host, readonly string[]]>([
    ['for its files and its Node', agent, [...inFiles, 'large-files', 'past-version', 'run', 'node-marks', 'digest']],
    [
      'for its system',
      system,
      ['host-system', 'nixos-system', 'past', 'generation', 'past-version', 'run', 'node-marks', 'digest'],
    ],
    [
      'for keel’s objects in the API',
      server,
      [...inFiles, 'large-files', 'past-version', 'run', 'cluster-objects', 'node-marks', 'digest'],
    ],
  ])('%s', (_what, host, probes) => expect(probesIn(factsScript(questions(host)))).toEqual(probes))

  it('for the names in the cluster, where it is to say them', () => {
    const script = factsScript({ ...questions(server), members: true })
    expect(probesIn(script)).toContain('cluster-names')
    expect(script.match(/exec \{members\}/g)).toHaveLength(1)
    expect(factsScript(questions(server))).not.toContain('exec {members}')
  })

  it('for what is beside keel, where that is of interest', () => {
    const { foreign: _, ...without } = questions(agent)
    expect(factsScript(without)).not.toContain('ask_foreign')
  })

  it('and again before a change, for what the deploy relies on', () => {
    expect(probesIn(factsDigestScript(questions(agent), 'a'.repeat(64)))).toEqual(inFiles)
    // while other hosts take their time, k3s makes its data
    expect(probesIn(settledDigestScript(questions(agent)))).toEqual(inFiles.filter((name) => name !== 'past'))
  })
})

/** As the script digests what `facts` has printed; `began` is how systemd saw the unit before. */
function digestOf(lines: readonly string[], began = 'ActiveState=active'): string {
  return execFileSync('bash', ['-c', digestOfSeen], {
    encoding: 'utf8',
    env: { ...process.env, seen: lines.join('\n'), began },
  }).trim()
}

describe('the digest of what a deploy relies on', () => {
  const data = (...lines: readonly string[]) => [
    `${mark}host-system`,
    'id=debian',
    `${mark}past`,
    ...lines,
    `${mark}generation`,
    'owned\t/etc/a',
  ]
  const known = data('server\tyes', 'agent\tno', 'serverCa\tab')
  const added = data('server\tyes', 'agent\tyes', 'serverCa\tab', 'agentCa\tcd')

  it('changes with each answer, and with no address', () => {
    expect(digestOf(known)).toMatch(/^[0-9a-f]{64}$/)
    expect(digestOf([...known, 'owned\t/etc/b'])).not.toBe(digestOf(known))
    expect(digestOf(added)).not.toBe(digestOf(known))
    expect(digestOf(['address=10.0.0.1', ...known, 'address=10.42.0.1'])).toBe(digestOf(known))
  })

  it('leaves out what k3s adds while it starts on data that it has, and nothing else', () => {
    const starting = 'ActiveState=activating'
    expect(digestOf(known, starting)).toMatch(/^starting:[0-9a-f]{64}$/)
    expect(digestOf(added, starting)).toBe(digestOf(known, starting))
    expect(digestOf(data('server\tyes', 'agent\tno', 'serverCa\tother'), starting)).not.toBe(digestOf(known, starting))
    expect(digestOf(data('agent\tno'), starting)).toBe(digestOf(data('agent\tno')))
  })
})

describe('a host with data, whose program takes its time', () => {
  const root = mkdtempSync(join(tmpdir(), 'keel-digest-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const program = (name: string, text: string) =>
    writeFileSync(join(root, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 })
  const { foreign: _, ...asked } = questions(agent)
  const past = { ...asked.past, server: root, agent: join(root, 'k3s') }
  const run = (script: string) =>
    execFileSync('bash', ['-s'], {
      encoding: 'utf8',
      input: script,
      // systemd does not run everywhere
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, PATH: `${root}:${process.env.PATH}` },
    })
  const look = () => parseFacts(agent.name, run(factsScript({ ...asked, past })), asked)
  const later = (digest: string) => run(factsDigestScript({ ...asked, past }, digest)).trim()
  const inTime = 'shift; exec "$@"'
  // as `timeout` ends where the program does not
  const tooLate = 'exit 124'

  it('is the same host whether it answers or runs out of its time, and not with another program', () => {
    for (const name of ['k3s', 'other']) program(name, `echo 'k3s version v1.36.3+k3s1 (0a1b)' # ${name}`)
    program('timeout', inTime)
    const { past: seen, digest = '' } = look()
    expect(seen.version).toBe('v1.36.3+k3s1')
    expect(later(digest)).toBe(digest)
    program('timeout', tooLate)
    expect(later(digest)).toBe(digest)
    expect(look()).toMatchObject({ digest, past: { server: true } })
    expect(look().past).not.toHaveProperty('version')
    program('k3s', `echo 'k3s version v1.36.3+k3s1 (0a1b)' # by hand`)
    expect(later(digest)).not.toBe(digest)
  })
})
