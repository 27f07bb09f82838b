import { expect, test } from 'vitest'
import { isPlaceholder, nameOfKey } from '../../../src/agenix/name-of-key.ts'

/** Layouts that public repositories use. */
test.each([
  ['ocean', 'ocean', '-'],
  ['systems.ocean', 'ocean', 'machine'],
  ['users.ada', 'ada', 'person'],
  ['users.cole@garuda', 'cole@garuda', 'person'],
  ['systems.', undefined, 'machine'],
  ['allHosts.', undefined, 'machine'],
  ['adminKeys.', undefined, 'person'],
  ['hosts.alexander-1.ed25519', 'alexander-1', 'machine'],
  ['keys.bach.system', 'bach', 'machine'],
  ['keys.hosts.nix-server.hostKey', 'nix-server', 'machine'],
  ['keys.stravinsky.brabier', 'brabier', '-'],
  ['system-eiko', 'eiko', 'machine'],
  ['user-belak-work', 'belak-work', 'person'],
  ['system1', 'system1', '-'],
  ['host-1', 'host-1', '-'],
  ['HX99G', 'HX99G', '-'],
  ['homelab-node-0-age', 'homelab-node-0', '-'],
  ['hosts/ocean/ssh_host_ed25519_key', 'ocean', 'machine'],
  ['hosts/ssh_host_ed25519_key', undefined, 'machine'],
  ['machines/maia', 'maia', 'machine'],
  ['keys/ocean_host_ed25519', 'ocean', 'machine'],
  ['ada/id_ed25519', 'ada', 'person'],
  ['users/ada', 'ada', 'person'],
  ['key', undefined, '-'],
  ['k3sServers.', undefined, 'machine'],
  ['server.nas', 'nas', 'machine'],
])('%s is %s: %s', (path, name, kind) => {
  const found = nameOfKey({ path: path.split(/[./]/) })
  expect(found).toEqual({ name, machine: kind === 'machine', person: kind === 'person' })
})

test('the names of a tutorial are placeholders', () => {
  expect(['system1', 'user1', 'host', 'server-2', 'ocean', 'server-east'].filter(isPlaceholder)).toEqual([
    'system1',
    'user1',
    'host',
    'server-2',
  ])
})
