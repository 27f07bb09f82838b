import { expect, test } from 'vitest'
import type { Deployment } from '../../../src/deploy/deployment.ts'
import { readSecrets } from '../../../src/deploy/phases/before/read-secrets.ts'
import { KeelError } from '../../../src/errors.ts'
import type { HostName } from '../../../src/model/brands.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const keelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' } as const

function deploymentWith(operations: readonly Operation[], prove: (ca: string) => Promise<void>): Deployment {
  const host = sampleHost({ name: 'maia', keelAgent: true })
  const surroundings = { ...sampleSurroundings, agentCa: 'the CA' }
  const rendered = filesOf(renderedOf(sampleCluster([host], { keelAgent }), host, surroundings))
  const plan = { host: 'maia' as HostName, role: 'agent', wave: 0, operations } as const
  const asked: Pick<Deployment, 'hosts' | 'readSecret' | 'certifier'> = {
    hosts: [{ kind: 'files', plan, rendered } as unknown as Deployment['hosts'][number]],
    readSecret: async () => expect.unreachable(),
    certifier: { prove, sign: async () => expect.unreachable() },
  }
  return asked as Deployment
}

test('the key of the CA is proven only for a host that needs a certificate, before anything is written', async () => {
  const proven: string[] = []
  const prove = async (ca: string) => void proven.push(ca)
  await readSecrets(deploymentWith([{ op: 'reload-systemd' }], prove))
  expect(proven).toEqual([])
  await readSecrets(deploymentWith([{ op: 'certify', unit: 'keel-agent.service', why: 'missing' }], prove))
  expect(proven).toEqual(['the CA'])
})

test('a key that nobody here can decrypt ends the deploy there', async () => {
  const prove = () => Promise.reject(new KeelError({ code: 'no-identity', found: 'no key' }))
  const certify: Operation = { op: 'certify', unit: 'keel-agent.service', why: 'missing' }
  await expect(readSecrets(deploymentWith([certify], prove))).rejects.toMatchObject({ code: 'no-identity' })
})
