import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { k3sAccess } from '../../../src/desired/distribution/k3s/access.ts'
import { clusterNames } from '../../../src/probes/cluster/cluster-members.ts'

/**
 * As the API gives it: the list has metadata of its own, and an annotation may hold anything, with its quotes escaped.
 */
const nodes = JSON.stringify({
  kind: 'NodeList',
  metadata: { resourceVersion: '7' },
  items: ['ocean', 'nova'].map((name) => ({
    metadata: { name, annotations: { note: '{"metadata":{"name":"planted"}}' } },
    status: { images: [{ names: ['image'] }] },
  })),
})
const members = '{"members":[{"ID":"11","name":"ocean-0a1b2c3d"},{"ID":"22","name":"gone-12345678"}]}'

/** What a server answers whose `k3s kubectl` is this. */
async function ask(kubectl: string) {
  const root = await mkdtemp(join(tmpdir(), 'keel-names-'))
  await mkdir(join(root, 'server/db/etcd'), { recursive: true })
  await writeFile(join(root, 'k3s.yaml'), '')
  await writeFile(join(root, 'k3s'), `#!/bin/bash\ncase "$*" in\n${kubectl}\nesac\n`, { mode: 0o755 })
  const script = clusterNames
    .script(k3sAccess)
    .replaceAll('/etc/rancher/k3s/k3s.yaml', `${root}/k3s.yaml`)
    .replaceAll('/var/lib/rancher/k3s', root)
    .replace(/^etcd_listens\(\)/m, 'etcd_listens() { true; }\nunused()')
  const { stdout } = await execa('bash', ['-s'], { input: script, env: { PATH: `${root}:${process.env.PATH}` } })
  await rm(root, { recursive: true })
  return clusterNames.parse(stdout)
}

it.each([
  [
    'the Nodes and etcd members there are',
    `*/api/v1/nodes*) echo '${nodes}' ;; *member/list*) echo '${members}' ;;`,
    ['ocean', 'gone'],
  ],
  ['an etcd that can’t be asked', `*/api/v1/nodes*) echo '${nodes}' ;; *) exit 1 ;;`, []],
])('reads %s', async (_what, kubectl, etcd) => {
  expect(await ask(kubectl)).toEqual({ nodes: ['ocean', 'nova'], passwords: [], etcd })
})

it('says nothing where the API does not answer', async () => expect(await ask('*) exit 1 ;;')).toBeUndefined())
