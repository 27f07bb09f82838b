import { expect, it } from 'vitest'
import { activateFiles } from '../../../src/deploy/files/activate-files.ts'
import type { FilesDeployment } from '../../../src/deploy/files/files-deployment.ts'
import { Redactor } from '../../../src/deploy/redact.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import type { RunOptions } from '../../../src/ssh/transport.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { emptyFacts } from '../../support/samples/sample-facts.ts'
import { twoServices } from '../../support/samples/two-services.ts'

const placed = {
  kind: 'place-ca',
  certificatePem: 'certificate',
  key: 'ca-key' as SecretName,
  certificatePath: '/var/lib/data/ca.crt',
  keyPath: '/var/lib/data/ca.key',
} as const

/** What the script of a host with this plan reads on stdin, and what is hidden in its output from then on. */
async function activated(operations: readonly Operation[]) {
  const host = sampleHost({ name: 'maia' })
  const runs: { readonly script: string; readonly input: string }[] = []
  const redactor = new Redactor()
  const transport = {
    target: { name: 'maia', address: host.address, hostKey: host.hostKey ?? expect.unreachable() },
    run: async (script: string, { input }: RunOptions = {}) => {
      runs.push({ script, input: input instanceof Uint8Array ? Buffer.from(input).toString() : '' })
      return { exitCode: 0, stdout: '', stderr: '' }
    },
    close: async () => {},
  }
  const deployment: FilesDeployment = {
    kind: 'files',
    cluster: sampleCluster([host]),
    host,
    rendered: { ...twoServices, once: [placed] },
    facts: emptyFacts(host.name),
    plan: { host: host.name, role: 'agent', wave: 0, operations },
    transport,
    transports: new Map(),
    readSecret: async (name) => Buffer.from(`value of ${name}`),
    certifier: { prove: async () => expect.unreachable(), sign: async () => expect.unreachable() },
    localArtifact: () => expect.unreachable(),
    redactor,
    patience: 1,
    stagingId: '0123456789abcdef',
    emit: () => {},
    signal: new AbortController().signal,
    sources: {},
  }
  await activateFiles(deployment, new Set())
  return { ...(runs[0] ?? expect.unreachable()), hidden: redactor.clean('value of ca-key') }
}

it('a step that a host needs once gets its values on stdin, in the order in which its script reads them', async () => {
  const { script, input, hidden } = await activated([{ op: 'place-ca' }])
  expect(
    input
      .trimEnd()
      .split('\n')
      .map((line) => Buffer.from(line, 'base64').toString()),
  ).toEqual(['value of ca-key', 'certificate'])
  expect(script).toContain('for path in /var/lib/data/ca.key /var/lib/data/ca.crt')
  expect(script).not.toContain('value of ca-key')
  expect(hidden).not.toContain('value of ca-key')
})

it('a host that has had the step gets none of them', async () => {
  const { script, input } = await activated([{ op: 'reload-systemd' }])
  expect(input).toBe('')
  expect(script).not.toContain('/var/lib/data/ca.key')
})
