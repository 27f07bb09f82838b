import { expect, it } from 'vitest'
import { otherPatch } from '../../../../src/plan/notes/other-patch.ts'
import { sampleHost } from '../../../support/samples/sample-cluster.ts'

const flake = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const
const configuration = { kind: 'configuration', file: 'hosts/maia/configuration.nix' } as const

it.each([
  ['an older patch', flake, 'v1.36.4+k3s1', '`nix flake update nixpkgs`, or set'],
  ['a newer one', flake, 'v1.36.12+k3s1', '`nix flake update nixpkgs`, or set'],
  ['another build of the same', flake, 'v1.36.9+k3s2', '`nix flake update nixpkgs`, or set'],
  [
    'channels of the host',
    { source: configuration, build: { on: 'target' } },
    'v1.36.4+k3s1',
    '`nix-channel --update` on it, or',
  ],
  [
    'channels of this machine',
    { source: configuration, build: { on: 'local' } },
    'v1.36.4+k3s1',
    '`nix-channel --update` here, or',
  ],
  ['the same', flake, 'v1.36.9+k3s1', undefined],
  ['another minor, which is for the refusals and the module to judge', flake, 'v1.35.9+k3s1', undefined],
  ['no k3s yet', flake, undefined, undefined],
  ['a host whose program keel pins', undefined, 'v1.36.4+k3s1', undefined],
] as const)('%s', (_, nixos, has, todo) => {
  const host = sampleHost({
    name: 'maia',
    os: nixos === undefined ? 'debian' : 'nixos',
    ...(nixos === undefined ? {} : { nixos }),
  })
  const fault = otherPatch(host, 'v1.36.9+k3s1', has)
  expect(fault?.todo?.slice(0, todo?.length)).toBe(todo)
  const found = `the host has k3s ${has}, but hosts/cluster has v1.36.9+k3s1`
  if (fault !== undefined) expect(fault).toMatchObject({ code: 'nixos-other-patch', at: 'maia', found })
})
