import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { KeelError } from '../../../src/errors.ts'
import { imageArchive } from '../../../src/lab/images/image-archive.ts'
import { machineArch } from '../../../src/lab/k3s/k3s-source.ts'
import { ensureBuilt } from '../../../src/lab/machine/ensure-built.ts'
import { goEnvironment } from '../../../src/lab/machine/go-environment.ts'
import { sha256 } from '../../../src/model/digest.ts'

const program = fileURLToPath(new URL('./kube-vip-stand-in/main.go', import.meta.url))
/** flannel's and CoreDNS's module: it has the same client of Kubernetes and of netlink, compiled already. */
const modules = fileURLToPath(new URL('../../kubernetes/addons/', import.meta.url))

/**
 * An image of the stand-in for kube-vip, which a host of a lab gets from the test that needs it. kube-vip itself was run
 * once (docs/vip.md); the Go proxy refuses its module now (403).
 * @returns its name, and the archive for `ctr images import`
 */
export async function kubeVipStandIn(): Promise<{ readonly tag: string; readonly images: string }> {
  const cache = cacheDirectory(process.env)
  const sources = [await readFile(program, 'utf8'), await readFile(join(modules, 'go.mod'), 'utf8')]
  const built = await ensureBuilt(
    {
      name: 'kube-vip-stand-in',
      key: sha256(sources.join('\n')).slice(0, 16),
      program: 'kube-vip',
      command: (into) => ['go', 'build', '-C', modules, '-ldflags=-s -w', '-o', join(into, 'kube-vip'), program],
      env: goEnvironment,
      failure: (output) => new KeelError({ code: 'no-kube-vip-stand-in', found: output }),
    },
    { env: process.env, cache, note: () => undefined, signal: new AbortController().signal },
  )
  const tag = 'localhost/kube-vip-stand-in:1'
  const images = join(dirname(built), 'image.tar')
  if (!existsSync(images)) {
    const layers = [[{ path: 'kube-vip', content: await readFile(built), mode: 0o755 }]]
    await writeFile(
      `${images}.${process.pid}`,
      imageArchive([{ tag, layers, entrypoint: ['/kube-vip'] }], machineArch()),
    )
    await rename(`${images}.${process.pid}`, images)
  }
  return { tag, images }
}
