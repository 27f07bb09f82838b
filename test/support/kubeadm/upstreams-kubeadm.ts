import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { KeelError } from '../../../src/errors.ts'
import { ensureBuilt } from '../../../src/lab/machine/ensure-built.ts'
import { goEnvironment } from '../../../src/lab/machine/go-environment.ts'

const sources = fileURLToPath(new URL('../../kubeadm/', import.meta.url))
/** Of k8s.io/kubernetes in its go.mod. kubeadm reads it of itself to know which clusters it takes. */
export const kubeadmVersion = 'v1.36.3'

/**
 * Upstream's own kubeadm, built of its Go modules and cached. With cold caches this takes minutes.
 * @returns the path of the program
 */
export function upstreamsKubeadm(): Promise<string> {
  const cache = cacheDirectory(process.env)
  mkdirSync(cache, { recursive: true, mode: 0o700 })
  const hash = createHash('sha256').update(kubeadmVersion)
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(sources, file))).update('\0')
  const minor = kubeadmVersion.split('.')[1]
  const set = (name: string, value: string | undefined) =>
    ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].map((path) => `-X ${path}.${name}=${value}`)
  const flags = ['-s -w', ...set('gitVersion', kubeadmVersion), ...set('gitMajor', '1'), ...set('gitMinor', minor)]
  return ensureBuilt(
    {
      name: 'kubeadm',
      key: hash.digest('hex').slice(0, 16),
      program: 'kubeadm',
      command: (into) => [
        ...['go', 'build', '-C', sources],
        ...['-ldflags', flags.join(' '), '-o', join(into, 'kubeadm'), '.'],
      ],
      env: goEnvironment,
      failure: (output) => new KeelError({ code: 'no-kubeadm', found: output }),
    },
    { env: process.env, cache, note: () => undefined, signal: new AbortController().signal },
  )
}
