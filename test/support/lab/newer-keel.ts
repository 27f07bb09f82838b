import { appendFile, cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { LabCluster } from './lab-cluster.ts'

/** keel as it is, but with another bundle of the agent: what a newer version brings. */
export async function newerKeel({ home, inventory }: LabCluster) {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const folder = join(home, 'newer-keel')
  await mkdir(folder)
  for (const name of ['bin', 'dist', 'schema', 'docs', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true })
  await appendFile(join(folder, 'dist/keel-agent.js'), '// newer\n')
  return (...args: readonly string[]) =>
    execa(process.execPath, [join(folder, 'bin/keel.js'), ...args], {
      cwd: inventory,
      env: { HOME: home, SSH_AUTH_SOCK: undefined },
    })
}
