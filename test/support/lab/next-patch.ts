import { readFile, writeFile } from 'node:fs/promises'

export interface K3sProgram {
  readonly path: string
  readonly version: string
}

/** The next patch version but four: `v1.34.9+…` of `v1.34.4+…`. */
export function nextPatch(k3s: K3sProgram, path: string): Promise<K3sProgram> {
  return underVersion(
    k3s,
    path,
    k3s.version.replace(/\d\+/, (patch) => `${(Number(patch[0]) + 5) % 10}+`),
  )
}

/**
 * The same program under the name of another version, which is what its `--version` prints: another program for code
 * that compares hashes, and nothing that takes minutes to build. The Kubernetes inside still says the old one.
 * @param version as long as the program's own
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
