import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'

const version = '2.24.0'

/** What Ignition's own validator reports; undefined if it accepts the config. Warnings do not count. */
export type Validate = (json: string) => Promise<string | undefined>

/** Ignition's validator, built from its Go module (4 s) and kept in the cache of keel. */
export async function ignitionValidator(): Promise<Validate> {
  const folder = join(cacheDirectory(process.env), 'ignition-validate', version)
  const program = join(folder, 'validate')
  if (!existsSync(program)) {
    await execa('go', ['install', `github.com/coreos/ignition/v2/validate@v${version}`], {
      env: { GOBIN: folder, GOFLAGS: '' },
    })
  }
  return async (json) => {
    const { exitCode, all } = await execa(program, ['-'], { input: json, reject: false, all: true })
    return exitCode === 0 ? undefined : all
  }
}
