import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import type { DistributionKind } from '../../../src/model/distribution/distribution.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { loadedSamples } from '../../support/samples/loaded-samples.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-agent-unit-'))
afterAll(() => rmSync(folder, { recursive: true }))

const docs = ['keel-agent', 'keel-agent-certificates']
  .map((page) => readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'))
  .join('\n')
/** What the docs say of each unit. */
const promised = {
  'keel-agent': Number(/exposure of \*\*(\d\.\d)\*\*/.exec(docs)?.[1]),
  'keel-approver': Number(/`systemd-analyze security keel-approver` shows\s+\*\*(\d\.\d)\*\*/.exec(docs)?.[1]),
  'keel-approver-token': Number(/`keel-approver-token` has\s+\*\*(\d\.\d)\*\*/.exec(docs)?.[1]),
  'keel-agent-look@': Number(/look\.sock`.*\*\*(\d\.\d)\*\*/.exec(docs)?.[1]),
  'keel-agent-act@': Number(/act\.sock`.*\*\*(\d\.\d)\*\*/.exec(docs)?.[1]),
}
type Name = keyof typeof promised

const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const
const unitOf = (
  os: 'debian' | 'flatcar',
  name: Name = 'keel-agent',
  distribution: DistributionKind = 'k3s',
): string => {
  const host = sampleHost({ name: 'ocean', os, role: 'server', firstServer: true, keelAgent: true })
  const ofKubeadm = distribution === 'kubeadm'
  const cluster = sampleCluster([host], { keelAgent, ...(ofKubeadm ? { distribution: sampleKubeadm } : {}) })
  const { files } = filesOf(renderedOf(cluster, host, ofKubeadm ? kubeadmSurroundings : sampleSurroundings))
  return files.find(({ path }) => path.endsWith(`/${name}.service`))?.content ?? expect.unreachable()
}

/** Whether systemd itself finds the unit no more exposed than the docs say. */
async function holds(unit: string, name: Name = 'keel-agent'): Promise<boolean> {
  const file = join(folder, `${name}.service`)
  writeFileSync(file, unit)
  const threshold = `--threshold=${Math.round(promised[name] * 10)}`
  const { exitCode, stdout } = await execa(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', threshold, file],
    {
      reject: false,
    },
  )
  expect(stdout).toContain(`Overall exposure level for ${name.replace(/@$/, '@i')}.service`)
  return exitCode === 0
}

test.each(['debian', 'flatcar'] as const)("the keel-agent's unit on %s is as closed as the docs say", async (os) => {
  expect(promised['keel-agent']).toBeLessThanOrEqual(2)
  expect(await holds(unitOf(os))).toBe(true)
  expect(await holds(unitOf(os, 'keel-agent', 'kubeadm'))).toBe(true)
})

test.each(['keel-approver', 'keel-approver-token', 'keel-agent-look@', 'keel-agent-act@'] as const)(
  'that of %s is more closed',
  async (name) => {
    expect(promised[name]).toBeLessThan(promised['keel-agent'])
    expect(await holds(unitOf('debian', name), name)).toBe(true)
  },
)

test('systemd takes the units of hosts whose inventory has odd values', async () => {
  const files = loadedSamples('debian', 12).flatMap(({ cluster, host }, index) => {
    const below = join(folder, String(index))
    mkdirSync(below)
    const units = filesOf(renderedOf(cluster, host, sampleSurroundings)).files.filter(({ path }) =>
      path.endsWith('.service'),
    )
    return units.map(({ path, content }) => {
      const file = join(below, basename(path))
      writeFileSync(file, content)
      return file
    })
  })
  expect(files.length).toBeGreaterThan(12)
  const { stderr } = await execa('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...files], {
    reject: false,
  })
  // the programs are on a host and not here, and systemd before 254 does not know how a restart may wait longer each
  // time
  const wrong = stderr
    .split('\n')
    .filter((line) => line.startsWith(folder) || /Unknown|Invalid|Failed to parse|ignoring/i.test(line))
  expect(wrong.filter((line) => !/not executable|No such file|'Restart(Steps|MaxDelaySec)'/.test(line))).toEqual([])
})

test.each(['ProtectSystem', 'CapabilityBoundingSet', 'SystemCallFilter', 'RestrictAddressFamilies'])(
  'and not without %s',
  async (setting) => {
    const less = unitOf('debian').replaceAll(new RegExp(`^${setting}=.*\n`, 'gm'), '')
    expect(await holds(less)).toBe(false)
  },
)
