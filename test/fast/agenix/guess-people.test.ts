import { describe, expect, test } from 'vitest'
import { guessPeople } from '../../../src/agenix/guess-people.ts'
import type { Told } from '../../../src/agenix/identify.ts'
import { type Machine, machinesInNix } from '../../../src/agenix/machines-in-nix.ts'
import type { NamedKey } from '../../../src/agenix/rules.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

const [A, B, C, D] = Array.from({ length: 4 }, () => String(newKey('ssh-ed25519').recipient)) as [
  string,
  string,
  string,
  string,
]
const inLet = (path: string, key: string): NamedKey => ({ place: 'let', path: path.split('.'), key })
const inFile = (path: string, key: string): NamedKey => ({ place: 'file', path: path.split('/'), key })

/** All may read the one token of a cluster, unless an agent token is given. */
function people(keys: readonly string[], names: readonly NamedKey[], more: Partial<Wanted> = {}) {
  const { machines = {}, told = [], agentToken } = more
  const rules = [
    { file: 'k3s-token.age', keys, armor: false },
    ...(agentToken === undefined ? [] : [{ file: 'k3s-agent-token.age', keys: agentToken, armor: false }]),
  ]
  const found = guessPeople({ rules, names, machines: new Map(Object.entries(machines)) }, told)
  return {
    admins: found.admins.map(({ name, unclear }) => (unclear ? `${name}?` : name)),
    hosts: found.hosts.map(
      ({ name, role, from, roleFrom }) => `${name} ${roleFrom === undefined ? `${role}?` : role} (${from})`,
    ),
  }
}
interface Wanted {
  readonly machines: Readonly<Record<string, Machine>>
  readonly told: readonly Told[]
  readonly agentToken: readonly string[]
}

describe('a machine has the name of the place where its key is', () => {
  test('an attribute that a list of machines names, whatever the comment says', () => {
    const names = [inLet('weegs', A), inLet('HX99G', B), inLet('users.', A), inLet('systems.', B)]
    expect(people([`${A} weegs@HX99G`, `${B} root@nixos`], names)).toEqual({
      admins: ['weegs'],
      hosts: ['hx99g server (HX99G)'],
    })
  })

  test('the set above the kind of key', () => {
    const names = [
      inLet('users.cole@garuda', A),
      inLet('hosts.alexander-1.ed25519', B),
      inLet('hosts.alexander-2.ed25519', C),
      inLet('hosts.alexander-4.ed25519', D),
    ]
    expect(people([A, B, C, D], names)).toEqual({
      admins: ['cole-garuda'],
      hosts: ['1', '2', '4'].map((n) => `alexander-${n} server? (hosts.alexander-${n}.ed25519)`),
    })
  })

  test('a folder, where secrets.nix reads a file; the comment in the file does not count', () => {
    const names = [inFile('hosts/ocean/ssh_host_ed25519_key', `${B} root@nixos`), inFile('users/ada/id_ed25519', A)]
    expect(people([A, B], names)).toEqual({
      admins: ['ada'],
      hosts: ['ocean server (hosts/ocean/ssh_host_ed25519_key.pub)'],
    })
  })

  test('the comment, where the attribute is a tutorial’s; and the attribute, where the comment is nobody’s', () => {
    const names = [
      inLet('user1', A),
      inLet('system1', B),
      inLet('system2', C),
      inLet('systems.', B),
      inLet('systems.', C),
    ]
    expect(people([A, `${B} root@ocean`, `${C} root@nixos`], names)).toEqual({
      admins: ['user1?'],
      hosts: ['ocean server? (its comment root@ocean)', 'system2 server? (system2)'],
    })
  })

  test('a made-up one where nothing names it, and that shows', () => {
    expect(people([A, `${B} root@nixos`], [inLet('users.', A)])).toEqual({
      admins: ['key-1'],
      hosts: ['host-1 server (undefined)'],
    })
  })

  test('the first of its two keys alone: the other one makes no second machine', () => {
    expect(people([B, C], [inLet('hosts.ocean', B), inLet('hosts.ocean', C)])).toEqual({
      admins: ['ocean-2?'],
      hosts: ['ocean server (hosts.ocean)'],
    })
  })
})

describe('who is a machine', () => {
  const names = [inLet('master', B), inLet('worker-1', C), inLet('luca', A)]

  test('one that the repository configures, with the role that its module has', () => {
    const files = [
      { path: 'hosts/master/default.nix', text: 'services.k3s = { enable = true; role = "server"; };' },
      { path: 'hosts/worker-1/k3s.nix', text: '{ services.k3s.role = "agent"; }' },
      { path: 'hosts/common/users.nix', text: 'users.users.luca = { };' },
      { path: 'flake.nix', text: 'nixosConfigurations."laptop" = x;' },
    ]
    const machines = Object.fromEntries(machinesInNix(files))
    expect(machines).toEqual({ master: { role: 'server' }, 'worker-1': { role: 'agent' }, laptop: {} })
    expect(people([B, C, A], names, { machines })).toEqual({
      admins: ['luca?'],
      hosts: ['master server (master)', 'worker-1 agent (worker-1)'],
    })
  })

  test('one that --host names, by name or by key', () => {
    expect(people([B, C, A], names, { told: [{ name: 'master' }, { name: 'node-b', hostKey: `${C} any` }] })).toEqual({
      admins: ['luca?'],
      hosts: ['master server? (master)', 'node-b server? (--host)'],
    })
  })

  test('nobody whose key no place calls a machine’s: that is asked', () => {
    expect(people([B, A], names)).toEqual({ admins: ['master?', 'luca?'], hosts: [] })
  })

  test('an agent, by the token that it may read', () => {
    const hosts = [inLet('systems.ocean', B), inLet('systems.maia', C)]
    expect(people([A, B], hosts, { agentToken: [A, C] }).hosts).toEqual([
      'ocean server (systems.ocean)',
      'maia agent (systems.maia)',
    ])
  })
})
