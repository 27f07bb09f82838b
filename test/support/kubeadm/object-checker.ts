import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { KeelError } from '../../../src/errors.ts'
import { ensureBuilt } from '../../../src/lab/machine/ensure-built.ts'
import { goEnvironment } from '../../../src/lab/machine/go-environment.ts'

const sources = fileURLToPath(new URL('../../kubernetes-objects/', import.meta.url))

/**
 * The code with which Kubernetes' own API server reads and checks objects, built of its Go modules and cached. With
 * cold caches this takes minutes.
 * @returns what it says of YAML with objects: `''`, or every fault
 */
export async function objectChecker(): Promise<(yaml: string) => string> {
  const cache = cacheDirectory(process.env)
  mkdirSync(cache, { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(sources, file))).update('\0')
  const program = await ensureBuilt(
    {
      name: 'kubernetes-objects',
      key: hash.digest('hex').slice(0, 16),
      program: 'kubernetes-objects',
      command: (into) => [
        ...['go', 'build', '-C', sources, '-ldflags', '-s -w'],
        ...['-o', join(into, 'kubernetes-objects'), '.'],
      ],
      env: goEnvironment,
      failure: (output) => new KeelError({ code: 'no-object-checker', found: output }),
    },
    { env: process.env, cache, note: () => undefined, signal: new AbortController().signal },
  )
  return (yaml) => {
    const { status, stderr } = spawnSync(program, { input: yaml, encoding: 'utf8' })
    return status === 0 ? '' : `${status}: ${stderr}`
  }
}
