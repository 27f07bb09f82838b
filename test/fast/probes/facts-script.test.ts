import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { questionsFor } from '../../../src/deploy/survey.ts'
import { clusterObjectsOf } from '../../../src/desired/cluster-objects.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { factsScript } from '../../../src/probes/facts.ts'
import { frameScript } from '../../../src/ssh/root-shell.ts'
import { renderHost } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/sample-cluster.ts'

test.each(['server', 'agent'] as const)('bash can read all questions to a %s in one script, as it is sent', (role) => {
  const host = sampleHost({ name: 'maia', role })
  const cluster = sampleCluster([host])
  const rendered = renderHost(hostStateOf(cluster, host, sampleSurroundings))
  const script = factsScript(questionsFor(rendered, role === 'server' ? clusterObjectsOf(cluster) : undefined))
  const framed = frameScript(script).toString()
  const check = () => execFileSync('bash', ['-n'], { input: framed.slice(framed.indexOf('\n') + 1), stdio: 'pipe' })
  expect(check).not.toThrow()
})
