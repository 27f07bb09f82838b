import { familyOf } from '../../model/addresses/ip.ts'
import type { Os } from '../../model/cluster.ts'
import type { DistributionKind } from '../../model/distribution/distribution.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'
import { template } from '../../templates/template.ts'
import type { Placement } from '../part.ts'
import { rootFile } from '../root-file.ts'
import { healthSettings } from './health-settings.ts'
import managerTemplate from './keel-vip.service.hbs'
import programTemplate from './keel-vip.sh.hbs'
import healthTemplate from './keel-vip-health.service.hbs'
import configurationTemplate from './keepalived.conf.hbs'
import { keepalivedWord } from './keepalived-word.ts'
import type { VrrpMember } from './vrrp-member.ts'

/** What moves the cluster's address on a server. */
export interface PlacedVip {
  readonly address: string
  /** Absent: the program finds it. */
  readonly interface?: string
  /** Tells how things are: `PROGRAM status`. */
  readonly program: string
  /** Programs that it takes and that the host has to have. */
  readonly needed: readonly string[]
  readonly configuration: string
  /** The unit that has the address. */
  readonly manager: string
  /** The unit that says whether it may. */
  readonly health: string
}

interface Places {
  readonly program: string
  readonly configuration: string
  /** On a tmpfs: what is there says how things are since the boot, and holds the checker's key. */
  readonly stateDirectory: string
  readonly interfaceFile: string
  readonly verdictFile: string
}

const stateDirectory = '/run/keel/vip'

const programText = template<
  Places & { address: string; interface: string; ca: string; clientCa: string; clientCaKey: string }
>(programTemplate)
const configurationText = template<Places & VrrpMember & { prefix: number }>(configurationTemplate, { keepalivedWord })
const managerText = template<Places & { after: UnitName }>(managerTemplate)
const healthText = template<{ settings: ReturnType<typeof healthSettings> }>(healthTemplate)

/** Where the parts of it are on a server. On NixOS the system brings programs and keepalived's unit. */
export function placedVip(
  { address, interface: name }: Pick<VrrpMember, 'address' | 'interface'>,
  { os, distribution }: { readonly os: Os; readonly distribution: DistributionKind },
): PlacedVip {
  const isNixos = os === 'nixos'
  // with an extension merged, nobody can write below /usr
  const isUsrFixed = isNixos || distribution === 'kubeadm'
  return {
    address,
    ...(name === undefined ? {} : { interface: name }),
    program: isUsrFixed ? '/etc/keel/keel-vip' : '/usr/local/lib/keel/keel-vip',
    needed: isNixos ? [] : ['keepalived', 'openssl', 'ip', 'timeout'],
    configuration: '/etc/keel/keepalived.conf',
    manager: isNixos ? 'keepalived.service' : 'keel-vip.service',
    health: 'keel-vip-health.service',
  }
}

/** The checker and keepalived's configuration, for any paths. */
export function vipTexts(
  vip: VrrpMember,
  { program, configuration }: Pick<PlacedVip, 'program' | 'configuration'>,
): { readonly program: string; readonly configuration: string } {
  const places = placesOf(program, configuration)
  const { ca, clientCa } = vip.access
  return {
    program: programText({
      ...places,
      address: vip.address,
      interface: vip.interface ?? '',
      ca,
      clientCa: clientCa.certificate,
      clientCaKey: clientCa.key,
    }),
    configuration: configurationText({ ...places, ...vip, prefix: familyOf(vip.address) === 'ipv4' ? 32 : 128 }),
  }
}

/** A server's part in moving the address, as files and units: for systems on which keel writes those. */
export function placeVip(vip: VrrpMember, program?: string): Placement<PlacedVip> {
  const usual = placedVip(vip, { os: 'debian', distribution: vip.distribution })
  const placed = { ...usual, program: program ?? usual.program }
  const texts = vipTexts(vip, placed)
  return {
    files: [
      rootFile(placed.program, '0755', texts.program),
      rootFile(placed.configuration, '0644', texts.configuration),
      rootFile(
        `/etc/systemd/system/${placed.health}`,
        '0644',
        healthText({ settings: healthSettings(placed.program) }),
      ),
      rootFile(
        `/etc/systemd/system/${placed.manager}`,
        '0644',
        managerText({
          ...placesOf(placed.program, placed.configuration),
          after: vip.distribution === 'k3s' ? 'k3s.service' : 'kubelet.service',
        }),
      ),
    ],
    placed,
  }
}

function placesOf(program: string, configuration: string): Places {
  return {
    program,
    configuration,
    stateDirectory,
    interfaceFile: `${stateDirectory}/interface.conf`,
    verdictFile: `${stateDirectory}/verdict`,
  }
}
