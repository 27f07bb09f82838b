import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SHORTEST_LIFETIME } from '../../src/model/keel-agent/approver-account.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import { wantKeelAgent } from '../support/lab/want-keel-agent.ts'
import { until } from '../support/until.ts'

/**
 * The keel-agents of a server and of an agent renew their certificates by time alone, from the real kube-apiserver,
 * signed by the real kube-controller-manager: with the shortest lifetime that Kubernetes takes.
 */
const hosts = ['server-1', 'agent-1'] as const
const folder = '/var/lib/keel/crypto'
let cluster: LabCluster
let client: string

beforeAll(async () => {
  cluster = await labCluster({ name: 'long-renew' })
  await wantKeelAgent(cluster)
  await cluster.keel.expect(0, 'deploy')
  const file = join(cluster.home, 'node.pem')
  await cluster.keel.expect(0, 'node', 'login', '--for', '2h', '--out', file)
  client = await readFile(file, 'utf8')
})
afterAll(() => cluster?.down())

interface Shown {
  readonly serial: string
  readonly from: number
  readonly to: number
}

/** A new connection by mTLS, one question, and the certificate that the agent shows. @throws Error without an answer */
function ask(name: string): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: cluster.host(name).described.nodeIP,
      port: 50_051,
      servername: name,
      cert: client,
      key: client,
      ca: client,
    })
    let said = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
    socket.once('secureConnect', () => {
      const peer = socket.getPeerX509Certificate()
      socket.write('GET /v1/health HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n')
      socket.once('end', () =>
        peer !== undefined && /^HTTP\/1.1 200 /.test(said)
          ? resolve({
              serial: peer.serialNumber,
              from: peer.validFromDate.getTime(),
              to: peer.validToDate.getTime(),
            })
          : reject(new Error(said.slice(0, 100))),
      )
    })
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    socket.once('error', reject).once('close', () => reject(new Error('closed without an answer')))
  })
}

/** The digests of the keys in the agent's folder, of all that are anywhere in it. */
const keys = async (name: string) =>
  (await cluster.host(name).sh(`find ${folder} -type f -exec sha256sum {} +`))
    .split('\n')
    .map((line) => line.split(' ')[0])
const publicKeys = (name: string) =>
  cluster.host(name).sh(`openssl x509 -in ${folder}/operational.pem -noout -pubkey
openssl pkey -in ${folder}/operational.key -pubout`)
const isShort = ({ from, to }: Shown) => to - from < 2 * SHORTEST_LIFETIME * 1000

/** Asks twice a second, until the agent shows another certificate. */
async function whileRenewed(name: string, before: Shown): Promise<{ after: Shown; at: number; failed: string[] }> {
  const failed: string[] = []
  const after = await until(
    `${name} shows another certificate`,
    async () => {
      const shown = await ask(name).catch((error: Error) => {
        failed.push(`${new Date().toISOString()} ${error.message}`)
        return before
      })
      return shown.serial !== before.serial && shown
    },
    1.5 * SHORTEST_LIFETIME,
    500,
  )
  return { after, at: Date.now(), failed }
}

test.each(hosts)('%s is given a certificate for some minutes', async (name) => {
  const host = cluster.host(name)
  await until('it shows one of Kubernetes', () =>
    host.sh(`test -e ${folder}/operational.pem`).then(
      () => true,
      () => false,
    ),
  )
  await host.sh(`sed -i 's/"operational": {/&"seconds": ${SHORTEST_LIFETIME},/' /etc/keel/agent.json
rm -rf ${folder}/operational.* ${folder}/.operational.*
systemctl restart keel-agent`)
  const shown = await until('it shows a short one', () =>
    ask(name).then(
      (one) => isShort(one) && one,
      () => undefined,
    ),
  )
  expect((shown.to - Date.now()) / 1000).toBeLessThanOrEqual(SHORTEST_LIFETIME)
})

test(
  'both renew it before it ends, answer throughout, and keep nothing of the key before',
  async () => {
    const told = await Promise.all(
      hosts.map(async (name) => {
        const [before, old] = [await ask(name), await keys(name)]
        const { after, at, failed } = await whileRenewed(name, before)
        expect(failed).toEqual([])
        expect(isShort(after)).toBe(true)
        // at two thirds of its life, or up to a tenth earlier; then the approver, the signer and the agent take seconds
        const share = (at - before.from) / (before.to - before.from)
        expect(share).toBeGreaterThan(0.56)
        expect(share).toBeLessThan(0.72)
        const [ofCertificate, ofKey] = (await publicKeys(name)).split('-----END PUBLIC KEY-----\n')
        expect(ofKey).toContain(ofCertificate?.trim())
        // first.pem and first.key stay; of the others nothing does
        const now = await keys(name)
        expect(now).toHaveLength(4)
        expect(now.filter((digest) => old.includes(digest))).toHaveLength(2)
        expect(await cluster.host(name).sh('journalctl --quiet --output=cat --unit=keel-agent')).toContain(
          '✓ K8s operational certificates initialized',
        )
        return `${name}: renewed after ${Math.round((at - before.from) / 1000)} of ${(before.to - before.from) / 1000} s`
      }),
    )
    console.log(told.join('\n'))
  },
  2 * SHORTEST_LIFETIME * 1000,
)
