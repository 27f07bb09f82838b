import { expect, it } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { NixosPlacement } from '../../../src/parts/part.ts'
import { k3sModule } from '../../../src/targets/nixos/k3s-module.ts'
import { nix } from '../../../src/templates/nix-text.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const host = sampleHost({ name: 'maia', os: 'nixos' })
const state = hostStateOf(clusterStateOf(sampleCluster([host])), host, sampleSurroundings)

/** Of a part that keel does not have. */
const lantern: NixosPlacement = {
  files: [{ path: '/etc/keel/lantern', content: 'bright', mode: '0600', owner: 'lantern', group: 'root' }],
  directories: [
    { path: '/var/lib/keel/lantern', mode: '0700', owned: true },
    { path: '/var/lib/lamp', mode: '0755' },
  ],
  definitions: [nix`oil = pkgs.oil;`, nix`wick = pkgs.wick;`],
  etc: { 'keel/lamp': { source: nix`oil` } },
  services: { lamp: { enable: true } },
  units: { lantern: { description: 'A light' } },
  networking: { domain: 'coast' },
  assertions: [{ assertion: nix`oil != wick`, message: 'dark' }],
}

it('what a part has in a module gets there, whichever part it is', () => {
  const without = k3sModule(state, []).split('\n')
  const lines = k3sModule(state, [lantern]).split('\n')
  const added = lines.map((line) => line.trim()).filter((line) => !without.some((other) => other.trim() === line))
  expect(added).toEqual([
    'oil = pkgs.oil;',
    'wick = pkgs.wick;',
    'lamp.enable = true;',
    'networking.domain = "coast";',
    'environment.etc = {',
    '"keel/lantern" = {',
    'text = "bright";',
    'mode = "0600";',
    'user = "lantern";',
    'gid = 0;',
    '"keel/lamp".source = oil;',
    'systemd = {',
    'lantern.description = "A light";',
    'tmpfiles.rules = [',
    '"d /var/lib/keel/lantern 0700 root root -"',
    '"d /var/lib/lamp :0755 root root -"',
    'assertion = oil != wick;',
    'message = "dark";',
    'assertion = !(agenixIsService || config.system.etc.overlay.enable);',
    expect.stringContaining("can't have the owner lantern by name"),
  ])
})

it('a file of a part that is not under /etc is put in its place at each switch', () => {
  const file = { path: '/opt/keel/oil', content: 'full', mode: '0600', owner: 'root', group: 'root' }
  const module = k3sModule(state, [{ files: [file] }])
  expect(module).toContain(`place /opt/keel/oil 0600 root:root < \${pkgs.writeText "file" "full"} || status=1`)
  expect(module).not.toContain('environment.etc')
})

it.each([
  ['services', { services: { k3s: {} } }, 'k3s'],
  ['systemd.services', { units: { 'keel-k3s-secrets': {} } }, 'keel-k3s-secrets'],
])('a name in %s that the module has already is refused: it would be one’s alone', (_, placement, name) => {
  expect(() => k3sModule(state, [placement])).toThrow(`${name} is set twice in the module`)
})

it.each(['services', 'units', 'networking', 'etc'] as const)('so is one that two parts have in %s', (set) => {
  expect(() => k3sModule(state, [{ [set]: { lamp: {} } }, { [set]: { lamp: {} } }])).toThrow('lamp is set twice')
})
