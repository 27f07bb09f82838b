import { describe, expect, it } from 'vitest'
import { type Admission, admit } from '../../../../src/deploy/through/admissions.ts'
import { targetOf } from '../../../../src/fleet/target-of.ts'
import type { Host } from '../../../../src/model/cluster.ts'
import { mustAdmit } from '../../../../src/plan/view/admissions.ts'
import type { SeenHost } from '../../../../src/plan/view/cluster-view.ts'
import type { Transport } from '../../../../src/ssh/transport.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { emptyFacts, filesOf } from '../../../support/samples/sample-facts.ts'

const rules = '/etc/keel/firewall.nft'
const firewall = { api: [] }
const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'], firewall })
const cluster = sampleCluster([server, sampleHost({ name: 'maia', nodeIPs: ['10.0.0.2'], firewall })])

/** A host on which an earlier keel has left a file of rules, or none. */
function seen(host: Host, sha256: string | undefined, transport: Transport): Admission & SeenHost {
  const file = { kind: 'file', mode: '0644', owner: 'root', group: 'root', sha256: sha256 ?? '' } as const
  const facts = { ...emptyFacts(host.name), paths: sha256 === undefined ? {} : { [rules]: file } }
  return { host, transport, facts, rendered: filesOf(renderedOf(cluster, host, sampleSurroundings)) }
}

function answering(exitCode: number, asked: string[] = []): Transport {
  return {
    target: targetOf(server),
    run: async (script, options) => {
      asked.push(script, Buffer.from(options?.input instanceof Uint8Array ? options.input : []).toString())
      return { exitCode, stdout: '', stderr: 'no space left' }
    },
    close: async () => {},
  }
}

describe('before a new node comes', () => {
  it('who has other rules than the inventory lets it in', () => {
    expect(mustAdmit(seen(server, '0'.repeat(64), answering(0)))).toBe(true)
  })

  it('who has no firewall yet lets everybody in, and who is to have none is left alone', () => {
    const without = { ...server, firewall: false as const }
    expect(
      [seen(server, undefined, answering(0)), seen(without, '0'.repeat(64), answering(0))].filter(mustAdmit),
    ).toEqual([])
  })

  it('the new rules are loaded there, and nothing else is done', async () => {
    const asked: string[] = []
    await admit(seen(server, '0'.repeat(64), answering(0, asked)), AbortSignal.timeout(1000))
    expect(asked[0]).toContain('systemctl reload-or-restart -- keel-firewall.service')
    expect(asked[0]).not.toContain('k3s')
    expect(asked[1]).toContain('10.0.0.2')
  })

  it('a host that can not, stops the deploy', async () => {
    const admission = seen(server, '0'.repeat(64), answering(1))
    await expect(admit(admission, AbortSignal.timeout(1000))).rejects.toMatchObject({
      code: 'admit-nodes',
      at: 'ocean',
    })
  })
})
