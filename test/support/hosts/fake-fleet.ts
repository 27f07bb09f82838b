import { noPins, type Pins } from '../../../src/artifacts/pins.ts'
import type { PlanRequest } from '../../../src/deploy/plan-cluster.ts'
import { ExitCode, KeelError } from '../../../src/errors.ts'
import type { Sha256 } from '../../../src/model/brands.ts'
import type { Cluster } from '../../../src/model/cluster.ts'
import type { RunResult } from '../../../src/ssh/transport.ts'
import { sampleSha256 } from '../samples/sample-cluster.ts'

/** The answer of a host: its facts, or an answer to each script. `off`: nobody can reach it. */
export type FakeHost = string | 'off' | ((script: string) => string | RunResult)

/** A request for a plan whose hosts give these answers. `told`: every script that a host has received. */
export function fakeFleet(
  cluster: Cluster,
  hosts: Readonly<Record<string, FakeHost>>,
  over: Partial<PlanRequest> = {},
): {
  readonly request: PlanRequest
  readonly told: { readonly host: string; readonly script: string }[]
  readonly open: Set<string>
} {
  const told: { readonly host: string; readonly script: string }[] = []
  const open = new Set<string>()
  const request: PlanRequest = {
    cluster,
    selected: cluster.hosts,
    secrets: {
      sourceDigest: async () => sampleSha256,
      agentCaCertificate: async () => undefined,
      kubeadmCertificates: async () => new Map(),
      caCertificate: async () => ({
        pem: '-----BEGIN CERTIFICATE-----\nQUFBQQ==\n-----END CERTIFICATE-----\n',
        hash: sampleSha256,
      }),
    },
    pins: pinned(cluster.distribution.version),
    today: '2026-11-29',
    directory: '/nowhere',
    connect: async (target) => {
      const answer = hosts[target.name] ?? 'off'
      if (answer === 'off') {
        throw new KeelError({ code: 'ssh-timeout', at: target.name, found: 'no answer', exit: ExitCode.Unreachable })
      }
      open.add(target.name)
      return {
        target,
        run: async (script) => {
          told.push({ host: target.name, script })
          const said = typeof answer === 'string' ? answer : answer(script)
          return typeof said === 'string' ? { exitCode: 0, stdout: said, stderr: '' } : said
        },
        close: async () => void open.delete(target.name),
      }
    },
    ...over,
  }
  return { request, told, open }
}

function pinned(version: string): Pins {
  const entry = { url: 'https://example.invalid/k3s', sha256: sampleSha256, sysext: 'b'.repeat(64) as Sha256 }
  return { ...noPins, artifacts: { k3s: { [version]: { amd64: entry, arm64: entry } } } }
}
