import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { clusterObjectsOf } from '../../../src/desired/cluster-objects.ts'
import { k3sAccess } from '../../../src/desired/distribution/k3s/access.ts'
import { questionsFor } from '../../../src/fleet/survey.ts'
import type { HostName } from '../../../src/model/brands.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import { frameScript } from '../../../src/ssh/shell/root-shell.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { factsText } from '../../support/samples/facts-text.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

test.each(['server', 'agent'] as const)('bash can read all questions to a %s in one script, as it is sent', (role) => {
  const host = sampleHost({ name: 'maia', role })
  const cluster = sampleCluster([host])
  const rendered = renderedOf(cluster, host, sampleSurroundings)
  const script = factsScript(questionsFor(rendered, role === 'server' ? clusterObjectsOf(cluster) : undefined))
  const framed = frameScript(script).toString()
  const check = () => execFileSync('bash', ['-n'], { input: framed.slice(framed.indexOf('\n') + 1), stdio: 'pipe' })
  expect(check).not.toThrow()
})

describe('a server tells of its own Node', () => {
  const node = (kubeletVersion: string) => ({
    kind: 'Node',
    metadata: { name: 'maia', labels: { tier: 'edge' }, annotations: {} },
    spec: {},
    status: { nodeInfo: { kubeletVersion } },
  })
  const record = {
    kind: 'ConfigMap',
    metadata: { name: 'keel-node-marks' },
    data: { maia: '{"labels":["tier"],"taints":[]}' },
  }
  const list = (...items: readonly object[]) => JSON.stringify({ kind: 'List', items })
  const facts = (named: string, marks = '') =>
    parseFacts('maia' as HostName, factsText({ 'cluster-objects': `${list()}\n${named}`, 'node-marks': marks }), {
      kind: 'files',
      units: ['k3s.service'],
      node: 'maia',
      access: k3sAccess,
    })

  test('with all else that is asked of its API, and it is none of keel’s objects', () => {
    const { node: marks, status, records, objects } = facts(list(node('v1.36.3+k3s1'), record))
    expect(marks?.labels).toEqual({ tier: 'edge' })
    expect(status?.kubeletVersion).toBe('v1.36.3+k3s1')
    expect(records).toEqual({ maia: { labels: ['tier'], taints: [] } })
    expect(objects).toEqual([])
  })
  test('alone, where nothing was ever recorded', () => {
    expect(facts(JSON.stringify(node('v1.36.3+k3s1')))).toMatchObject({
      node: { labels: { tier: 'edge' } },
      records: {},
    })
  })
  test('with the kubelet’s credential, where the administrator’s is not in its place', () => {
    const text = factsText({ 'cluster-objects': '', 'node-marks': JSON.stringify(node('v1.36.3+k3s1')) })
    const {
      node: marks,
      records,
      objects,
    } = parseFacts('maia' as HostName, text, { kind: 'files', units: ['k3s.service'], node: 'maia', access: k3sAccess })
    expect([marks?.labels, records, objects]).toEqual([{ tier: 'edge' }, undefined, undefined])
  })
})
