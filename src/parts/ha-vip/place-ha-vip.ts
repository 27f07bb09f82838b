import type { HostFile } from '../../model/cluster.ts'
import { yamlText } from '../../model/text/yaml-text.ts'
import { template } from '../../templates/template.ts'
import { rootFile } from '../root-file.ts'
import managerTemplate from './ha-vip.service.hbs'
import { type HaVipMember, haVipFolder } from './ha-vip-member.ts'
import tokenTemplate from './keel-ha-vip.service.hbs'
import programTemplate from './keel-ha-vip.sh.hbs'
import timerTemplate from './keel-ha-vip.timer.hbs'

interface Places {
  readonly program: string
  /** The configuration without its token. */
  readonly template: string
  readonly configuration: string
  readonly folder: string
  readonly address: string
  readonly interface: string
  /** Words of a command. */
  readonly kubectl: readonly string[]
}

const programText = template<Places>(programTemplate)
const managerText = template<Places>(managerTemplate)
const tokenText = template<Places>(tokenTemplate)
const timerText = template<Places>(timerTemplate)

/** The files for a user who runs ha-vip on a server. Nothing here starts it, because keel does not have the program. */
export function placeHaVip(member: HaVipMember): readonly HostFile[] {
  const places: Places = {
    program: '/etc/ha-vip/keel-ha-vip',
    template: '/etc/ha-vip/config.yaml',
    configuration: `${haVipFolder}/config.yaml`,
    folder: haVipFolder,
    address: member.address,
    interface: member.interface,
    kubectl: member.kubectl,
  }
  const program = rootFile(places.program, '0755', programText(places))
  if (member.form === 'in-cluster') return [program]
  return [
    program,
    rootFile(places.template, '0600', yamlText(member.config)),
    rootFile('/etc/systemd/system/ha-vip.service', '0644', managerText(places)),
    rootFile('/etc/systemd/system/keel-ha-vip.service', '0644', tokenText(places)),
    rootFile('/etc/systemd/system/keel-ha-vip.timer', '0644', timerText(places)),
  ]
}
