import type { HostFile } from '../../../src/model/cluster.ts'
import type { Part } from '../../../src/parts/part.ts'
import { type UnitState, unitState } from '../../../src/parts/unit-state.ts'
import { etcSource } from '../../../src/templates/nix-etc.ts'
import { sh } from '../../../src/templates/shell-quote.ts'

interface Lantern {
  readonly port: number
}

interface PlacedLantern {
  readonly unit: string
  readonly settings: string
}

const placed: PlacedLantern = { unit: 'keel-lantern.service', settings: '/etc/keel/lantern.json' }
const program = '/usr/local/lib/keel/lantern'
const unitText = `[Service]\nExecStart=${program}\n[Install]\nWantedBy=multi-user.target\n`

/** A part that keel does not have: a unit, a file, a port, and its half of a NixOS module. On every host. */
export const lantern: Part<'lantern', Lantern, PlacedLantern, UnitState> = {
  name: 'lantern',
  starts: 'after',
  wants: () => () => ({ port: 7000 }),
  guards: () => [{ what: 'lantern', protocol: 'tcp', ports: [7000], from: [{ addresses: ['192.0.2.0/24'] }] }],
  place: (wanted) => ({
    files: [settingsFile(wanted), file(`/etc/systemd/system/${placed.unit}`, unitText)],
    placed,
  }),
  placeInNixos: (wanted) => ({
    files: [settingsFile(wanted)],
    units: { 'keel-lantern': { serviceConfig: { ExecStart: program }, restartTriggers: [etcSource(placed.settings)] } },
    placed,
  }),
  firstBootUnits: ({ unit }) => [unit],
  probe: {
    isLasting: false,
    shapes: { active: /^[a-z-]{0,64}$/, enabled: /^[a-z-]{0,64}$/ },
    units: ({ unit }) => [unit],
    script: ({ unit }) => unitState.script(unit),
    parse: unitState.parse,
  },
  units: (seen) => [seen],
  plan: ({ unit }, seen) => (seen?.active === 'active' ? [] : [{ op: 'run-unit', unit, by: 'start' }]),
  refuse: ({ name }, { enabled }) =>
    enabled === 'masked' ? [{ code: 'no-light', at: name, found: 'a masked lantern' }] : [],
  verify: ({ unit }) => sh`until_true 'the lantern to burn' systemctl is-active --quiet -- ${unit}`,
}

function settingsFile(wanted: Lantern): HostFile {
  return file(placed.settings, JSON.stringify(wanted))
}

function file(path: string, content: string): HostFile {
  return { path, content, mode: '0644', owner: 'root', group: 'root' }
}
