import { readFile, writeFile } from 'node:fs/promises'

export interface K3sProgram {
  readonly path: string
  readonly version: string
}

/** A patch version that is higher by five: `v1.36.8+…` for `v1.36.3+…`. */
export function nextPatch(k3s: K3sProgram, path: string): Promise<K3sProgram> {
  return underVersion(
    k3s,
    path,
    k3s.version.replace(/\d\+/, (patch) => `${(Number(patch[0]) + 5) % 10}+`),
  )
}

/**
 * The same program with another version, which its `--version` prints. Code that compares hashes sees another program,
 * and the test needs no build of minutes. The Kubernetes inside still reports the old version.
 * @param version as long as the program's own version
 * @returns the program at `path`
 */
export async function underVersion(k3s: K3sProgram, path: string, version: string): Promise<K3sProgram> {
  const program = await readFile(k3s.path)
  const at = program.indexOf(k3s.version)
  if (at < 0) throw new Error(`${k3s.path} does not hold ${k3s.version}`)
  program.write(version, at)
  await writeFile(path, program, { mode: 0o755 })
  return { path, version }
}
