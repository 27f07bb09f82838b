import { join } from 'node:path'
import { edit } from '../support/edit.ts'
import type { LabCluster } from '../support/lab/lab-cluster.ts'

/** A user's own secret, as keel hands it to k3s: the password of a registry. */
export const plantedSecret = 'planted-2b8e6c1f9d04-password'

/**
 * Adds to a lab's inventory one of each thing that `keel init` does not make: files, a manifest, a registry whose
 * password is a secret.
 */
export async function enrich({ inventory, keel }: LabCluster): Promise<void> {
  const cluster = join(inventory, 'hosts/cluster.ts')
  await edit(cluster, "import { defineCluster } from 'keel'", "import { defineCluster, secret } from 'keel'")
  await edit(
    cluster,
    "  firstServer: 'server-1',",
    `  firstServer: 'server-1',
  files: { '/etc/keel-e2e.conf': 'a file of the user\\n', '/etc/keel-e2e.d/closed': { content: 'closed\\n', mode: '0600' } },
  manifests: { 'e2e.yaml': 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: { name: e2e }\\n' },
  registries: { configs: { 'mirror.example': { auth: { username: 'k3s', password: secret('mirror-password') } } } },`,
  )
  await edit(
    join(inventory, 'secrets.ts'),
    "    'k3s-server-token':",
    "    'mirror-password': { readers: ['admins', 'servers', 'agents'] },\n    'k3s-server-token':",
  )
  await keel.set('mirror-password', plantedSecret)
}
