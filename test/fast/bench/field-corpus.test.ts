import { expect, test } from 'vitest'
import { fullInventory } from '../../../bench/fuzz/field-corpus.ts'
import type { Source } from '../../../src/inventory/definitions.ts'
import { resolveCluster } from '../../../src/inventory/resolve.ts'

const source = (file: string, input: unknown): Source => ({
  subject: file.replace(/\.ts$/, ''),
  file,
  input,
  locate: () => `${file}:1:1`,
  written: () => undefined,
  isUnread: () => false,
})

// else nearly every changed one would be refused for what nobody has changed
test.each([undefined, 'nixos'] as const)(
  'the inventory whose fields are changed loads as it is (of one system: %s)',
  (os) => {
    const { secrets, cluster, hosts } = fullInventory(os)
    const definitions = {
      secrets: source('secrets.ts', secrets),
      cluster: source('hosts/cluster.ts', cluster),
      hosts: Object.entries(hosts).map(([name, input]) => ({ ...source(`hosts/${name}/host.ts`, input), name })),
      strays: [],
    }
    expect(resolveCluster(definitions, []).hosts).toHaveLength(3)
  },
)
