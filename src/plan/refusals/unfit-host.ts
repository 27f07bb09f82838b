import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { unameArch } from '../../model/systems/arch-names.ts'
import { eachPart } from '../../parts/by-part.ts'
import { certificateId } from '../../probes/distribution/seen-past.ts'
import type { Facts } from '../../probes/facts.ts'
import { flatcarPrograms } from '../../probes/host/host-system.ts'
import type { Rendered } from '../../targets/rendered.ts'
import type { SeenPlaces } from '../view/cluster-view.ts'

type Hosted = Pick<SeenPlaces, 'host' | 'facts'> & { readonly rendered: Pick<Rendered, 'places' | 'distribution'> }

/** systemd-creds and LoadCredentialEncrypted= (systemd's NEWS for 250). */
const oldestSystemd = 250

/** What forbids a deploy to this host, whatever the others are. Pure. */
export function hostRefusals(
  { host, facts, rendered: { places, distribution } }: Hosted,
  caCertificate: string | undefined,
): readonly Fault[] {
  return [
    ...unfitSystem(host, facts),
    ...eachPart(facts.parts, (part, seen) => part.refuse?.(host, seen)),
    ...foreignData(host, facts, { places, distribution }, caCertificate),
  ]
}

function unfitSystem(host: Host, { system }: Facts): readonly Fault[] {
  const at = host.name
  const faults: Fault[] = []
  const arch = unameArch.get(system.machine)
  if (arch !== host.arch) {
    faults.push({
      code: 'wrong-arch',
      at,
      found: `a ${system.machine} machine`,
      why: `the inventory has arch: '${host.arch}'`,
      todo: `correct it in hosts/${host.name}/`,
    })
  }
  const isOther = host.os === 'debian' ? ['flatcar', 'nixos'].includes(system.id) : system.id !== host.os
  if (isOther) {
    faults.push({
      code: 'wrong-os',
      at,
      found: `a ${system.id} machine`,
      why: `the inventory has os: '${host.os}'`,
      todo: `correct it in hosts/${host.name}/`,
    })
  }
  const missing = system.missing.filter((program) => host.os === 'flatcar' || !flatcarPrograms.includes(program))
  if (missing.length > 0 || system.systemd < oldestSystemd) {
    faults.push({
      code: 'unfit-host',
      at,
      found: system.systemd < oldestSystemd ? `systemd ${system.systemd}` : `no ${missing.join(', ')}`,
      why: `keel needs systemd ${oldestSystemd} or newer (encrypted credentials), coreutils and util-linux on the host`,
      todo: 'upgrade the host (Debian 12 has everything)',
    })
  }
  return faults
}

function foreignData(
  host: Host,
  { past }: Facts,
  { places: { data }, distribution }: Hosted['rendered'],
  caCertificate: string | undefined,
): readonly Fault[] {
  const at = host.name
  if (past.server && host.role === 'agent') {
    return [
      {
        code: 'server-data-on-agent',
        at,
        found: distribution === 'k3s' ? "a server's k3s data" : "a control plane's data",
        why: 'the host is an agent in the inventory, but was a server before',
        todo:
          distribution === 'k3s'
            ? `wipe ${data} on the host, or correct its role`
            : 'run `kubeadm reset` on the host, or correct its role',
      },
    ]
  }
  if (caCertificate === undefined) return []
  const ours = certificateId(caCertificate)
  const theirs = [past.serverCa, past.agentCa].find((ca) => ca !== undefined && ca !== ours)
  if (theirs === undefined) return []
  return [
    {
      code: 'foreign-ca',
      at,
      found: distribution === 'k3s' ? 'k3s data under another CA' : 'data of Kubernetes under another CA',
      why:
        distribution === 'k3s'
          ? 'the host belongs to another cluster: k3s would refuse to join, or continue with the other cluster'
          : 'the host belongs to another cluster of kubeadm, which keel does not end',
      todo:
        distribution === 'k3s'
          ? `check that this is the right machine; to use it here, stop k3s and wipe ${data} on it`
          : 'check that this is the right machine; to use it here, remove its Node from that cluster and run `kubeadm reset` on it',
    },
  ]
}
