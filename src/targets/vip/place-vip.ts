import type { WantedFile } from '../../desired/host-state.ts'
import { k3sDataDirectory } from '../../desired/k3s-config.ts'
import type { VrrpMember } from '../../desired/vip.ts'
import { familyOf } from '../../model/ip.ts'
import managerTemplate from '../../templates/systemd/keel-vip.service.hbs'
import healthTemplate from '../../templates/systemd/keel-vip-health.service.hbs'
import { template } from '../../templates/template.ts'
import programTemplate from '../../templates/vip/keel-vip.sh.hbs'
import configurationTemplate from '../../templates/vip/keepalived.conf.hbs'
import type { PlacedVip } from '../rendered.ts'

interface Places {
  readonly program: string
  readonly configuration: string
  /** On a tmpfs: what stands there says how things are since the boot, and holds the checker's key. */
  readonly stateDirectory: string
  readonly interfaceFile: string
  readonly verdictFile: string
}

const onWritableSystems = '/usr/local/lib/keel/keel-vip'
const stateDirectory = '/run/keel/vip'
const configuration = '/etc/keel/keepalived.conf'

const programText = template<Places & { address: string; interface: string; tlsDirectory: string }>(programTemplate)
const configurationText = template<Places & VrrpMember & { prefix: number }>(configurationTemplate)
const managerText = template<Places>(managerTemplate)
const healthText = template<Places>(healthTemplate)

/** Where the parts of it are on a server. */
export function placedVip(
  { address, interface: name }: Pick<VrrpMember, 'address' | 'interface'>,
  program = onWritableSystems,
): PlacedVip {
  return {
    address,
    ...(name === undefined ? {} : { interface: name }),
    program,
    configuration,
    manager: 'keel-vip.service',
    health: 'keel-vip-health.service',
  }
}

/** A server's part in moving the address, as files: the same on every system that has keepalived, bash, openssl and systemd. */
export function placeVip(
  vip: VrrpMember | undefined,
  program = onWritableSystems,
): { readonly files: readonly WantedFile[]; readonly vip?: PlacedVip } {
  if (vip === undefined) return { files: [] }
  const places: Places = {
    program,
    configuration,
    stateDirectory,
    interfaceFile: `${stateDirectory}/interface.conf`,
    verdictFile: `${stateDirectory}/verdict`,
  }
  const placed = placedVip(vip, program)
  const tlsDirectory = `${k3sDataDirectory}/server/tls`
  return {
    files: [
      file(program, '0755', programText({ ...places, address: vip.address, interface: vip.interface ?? '', tlsDirectory })),
      file(configuration, '0644', configurationText({ ...places, ...vip, prefix: familyOf(vip.address) === 'ipv4' ? 32 : 128 })),
      file(`/etc/systemd/system/${placed.health}`, '0644', healthText(places)),
      file(`/etc/systemd/system/${placed.manager}`, '0644', managerText(places)),
    ],
    vip: placed,
  }
}

function file(path: string, mode: string, content: string): WantedFile {
  return { path, content, mode, owner: 'root', group: 'root', restartsK3s: false }
}
