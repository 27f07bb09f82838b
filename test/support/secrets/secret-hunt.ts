import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { LabHost } from '../lab/lab-host.ts'

/** The texts that must not be found, each with its name: a secret as it is, and in base64. */
export type Wanted = ReadonlyMap<string, string>

/**
 * The forms of a secret that the test searches for: the password of a token, the longest line of a key, and base64 of
 * the whole.
 */
export function wantedForms(secrets: Readonly<Record<string, string>>): Wanted {
  return new Map(
    Object.entries(secrets).flatMap(([name, value]): [string, string][] => [
      [name, longestLine(value.slice(value.lastIndexOf(':') + 1))],
      // a part of whole groups of three bytes, so that the bytes after the value do not matter
      [`${name} in base64`, Buffer.from(value.slice(0, Math.floor(value.length / 3) * 3)).toString('base64')],
    ]),
  )
}

export const longestLine = (text: string) =>
  text.split('\n').reduce((longest, line) => (line.length > longest.length ? line : longest), '')

/** The names of the texts that are found. */
export function found(wanted: Wanted, text: string): readonly string[] {
  return [...wanted].filter(([, form]) => text.includes(form)).map(([name]) => name)
}

/**
 * Searches everything of a running host: its disks, its tmpfs, its journal, and argv and environment of every process.
 * @returns `WHERE: NAME`, sorted; where: a path in the host, `journal`, `argv of …`, `environment of …`
 */
export async function huntOnHost(host: LabHost, wanted: Wanted): Promise<readonly string[]> {
  const [files, journal, processes] = await Promise.all([
    inFiles(host, wanted),
    inJournal(host, wanted),
    inProcesses(host, wanted),
  ])
  return [...files, ...journal, ...processes].toSorted()
}

/** The layer of its overlay and its disks, as paths on this machine, then what is only in its memory. */
async function inFiles(host: LabHost, wanted: Wanted): Promise<readonly string[]> {
  const root = `/proc/${await host.firstProcess()}/root`
  const { upper, disks } = host.paths
  const places: readonly (readonly [from: string, inHost: string])[] = [
    [upper, ''],
    [`${disks}/rancher`, '/var/lib/rancher'],
    [`${disks}/kubelet`, '/var/lib/kubelet'],
    [`${disks}/containerd`, '/var/lib/containerd'],
    ...['/run', '/tmp', '/dev/shm'].map((path) => [`${root}${path}`, path] as const),
  ]
  const hits: string[] = []
  for (const [from, inHost] of places) {
    const files = await grep([
      '-rlaF',
      '--devices=skip',
      '--exclude-dir=journal',
      ...[...wanted.values()].flatMap((form) => ['-e', form]),
      from,
    ])
    for (const file of files) {
      const names = found(wanted, await readFile(file, 'latin1').catch(() => ''))
      hits.push(...names.map((name) => `${inHost}${file.slice(from.length)}: ${name}`))
    }
  }
  return hits
}

/** grep ends with 1 if it finds nothing, and with 2 also if a file disappears while it reads. Its output counts. */
async function grep(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('grep', args, {
    maxBuffer: 1e8,
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  }).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }))
  return stdout.split('\n').filter((line) => line !== '')
}

/** Reads the journal, not its files, because long fields in those are compressed. */
async function inJournal(host: LabHost, wanted: Wanted): Promise<readonly string[]> {
  const text = await host.sh('journalctl --sync; journalctl --quiet --output=export')
  return found(wanted, text).map((name) => `journal: ${name}`)
}

async function inProcesses(host: LabHost, wanted: Wanted): Promise<readonly string[]> {
  const hits: string[] = []
  for (const id of await host.processes()) {
    for (const [what, file] of [
      ['argv', 'cmdline'],
      ['environment', 'environ'],
    ] as const) {
      const text = await readFile(`/proc/${id}/${file}`, 'latin1').catch(() => '')
      const program = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')
      hits.push(...found(wanted, text).map((name) => `${what} of ${program.trim()}: ${name}`))
    }
  }
  return hits
}
