import { afterAll, beforeAll, describe } from 'vitest'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { wantKeelAgent } from '../../support/lab/want-keel-agent.ts'
import { approverStories } from './approver.ts'
import { hostReports } from './host-reports.ts'
import { firstDeploy, nodeVerbs } from './node-verbs.ts'
import { replaceCa } from './replace-ca.ts'

/** One lab for all of these, because it takes longer to boot and to deploy than most of them take. */
const servers = ['server-1', 'server-2'] as const
const hosts = [...servers, 'agent-1'] as const
let cluster: LabCluster
const get = () => cluster

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-agent', servers: 2, agents: 1 })
  await wantKeelAgent(cluster)
})
afterAll(() => cluster?.down())

firstDeploy(get, hosts)
// before anything has stopped k3s: nobody has taken over from the active one yet
describe('the keel-approver', () => approverStories(get, servers, hosts))
describe('keel node', () => nodeVerbs(get, hosts))
describe('docs/keel-agent-certificates.md', () => replaceCa(get, hosts))
describe('the keel-agent of a host', () => hostReports(get, hosts))
