import { join } from 'node:path'
import { edit } from '../edit.ts'
import type { BootedLab } from './booted-lab.ts'

/** The inventory of a lab wants the keel-agent, and has the key of its CA. Nothing is deployed. */
export async function wantKeelAgent({ inventory, keel }: Pick<BootedLab, 'inventory' | 'keel'>): Promise<void> {
  await edit(
    join(inventory, 'hosts/cluster.ts'),
    "  firstServer: 'server-1',",
    "  firstServer: 'server-1',\n  keelAgent: true,",
  )
  await keel.expect(0, 'rekey')
}
