import { describe, expect, it } from 'vitest'
import { moduleOf, nixosHosts } from '../../support/nixos/hosts.ts'

// regenerate with `npx vitest run --project fast -u`, then review the diff like code
describe('the module of a NixOS host', () => {
  it.each(nixosHosts.map(([host, cluster]) => [host.name, host, cluster] as const))(
    '%s',
    async (name, host, cluster) => {
      await expect(moduleOf(host, cluster)).toMatchFileSnapshot(`../../golden/nixos/${name}.nix`)
    },
  )
})
