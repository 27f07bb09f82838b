import type { HostFile } from '../../model/cluster.ts'
import { etcName } from '../../templates/nix-etc.ts'
import { joinText, nix, nixText } from '../../templates/nix-text.ts'
import { template } from '../../templates/template.ts'
import type { NixosPlacement } from '../part.ts'
import { rootFile } from '../root-file.ts'
import { listed, type Setting, type Settings } from '../service.ts'
import { agentHelpers, helperProgram, helperText } from './agent-helper.ts'
import helperTemplate from './keel-agent-helper.hbs'

const unitText = template<{
  description: string
  unit: readonly Setting[]
  section: 'Socket' | 'Service'
  settings: readonly Setting[]
}>(helperTemplate)

/** The helper's program and units, on a system that keel writes units for. */
export function helperFiles(): readonly HostFile[] {
  return [
    rootFile(helperProgram, '0755', helperText({ isNixos: false })),
    ...agentHelpers.flatMap(({ name, description, socketUnit, socket, serviceUnit, service }) => [
      unitFile(`${name}.socket`, `the socket for ${description}`, socketUnit, 'Socket', socket),
      unitFile(`${name}@.service`, description, serviceUnit, 'Service', service),
    ]),
  ]
}

function unitFile(
  name: string,
  description: string,
  unit: Settings,
  section: 'Socket' | 'Service',
  settings: Settings,
): HostFile {
  const content = unitText({ description, unit: listed(unit), section, settings: listed(settings) })
  return rootFile(`/etc/systemd/system/${name}`, '0644', content)
}

/** No unit of NixOS has these programs in its PATH. */
const path = nix`lib.makeBinPath [ pkgs.bash pkgs.coreutils pkgs.systemd ]`

/** The same in the module of a NixOS host. */
export function helperInNixos() {
  const text = helperText({ isNixos: true })
  // bash from the store, instead of the one in the first line
  const script = joinText([nixText`export PATH=${path}\n`, text.slice(text.indexOf('\n') + 1)])
  return {
    etc: { [etcName(helperProgram)]: { source: nix`pkgs.writeShellScript "keel-agent-root" ${script}` } },
    sockets: Object.fromEntries(
      agentHelpers.map(({ name, description, socketUnit, socket }) => [
        name,
        { description: `the socket for ${description}`, unitConfig: socketUnit, socketConfig: socket },
      ]),
    ),
    units: Object.fromEntries(
      agentHelpers.map(({ name, description, serviceUnit, service }) => [
        `${name}@`,
        { description, unitConfig: serviceUnit, serviceConfig: service },
      ]),
    ),
  } satisfies NixosPlacement
}
