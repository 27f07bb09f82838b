import { readPins } from '../../src/artifacts/pins.ts'
import { surroundingsOf } from '../../src/deploy/surroundings.ts'
import { loadInventory } from '../../src/inventory/load.ts'
import { rendererOf } from '../../src/targets/render.ts'

/**
 * What `keel render` does except for writing the files; milliseconds.
 * @public: the benchmark loads it bundled, by its name
 */
export async function loadAndRender(start: string): Promise<{ readonly load: number; readonly render: number }> {
  const begin = performance.now()
  const { directory, cluster } = await loadInventory(start)
  const loaded = performance.now()
  const render = rendererOf(
    cluster,
    surroundingsOf(cluster, await readPins(directory), { ca: undefined, agentCa: undefined, kubeadm: new Map() }),
  )
  for (const host of cluster.hosts) render(host)
  return { load: loaded - begin, render: performance.now() - loaded }
}
