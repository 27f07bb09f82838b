import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { LabHost } from '../lab/lab-host.ts'

/** What must not be found, by what it is called. Every form in which it travels counts: as it is, and in base64. */
export type Wanted = ReadonlyMap<string, string>

/**
 * The forms of a secret that are searched for: the password of a token, a key's longest line, and base64 of the whole.
 */
export function wantedForms(secrets: Readonly<Record<string, string>>): Wanted {
  return new Map(
    Object.entries(secrets).flatMap(([name, value]): [string, string][] => [
      [name, longestLine(value.slice(value.lastIndexOf(':') + 1))],
      // a middle piece that is whole groups of three bytes, so that what follows the value does not matter
      [`${name} in base64`, Buffer.from(value.slice(0, Math.floor(value.length / 3) * 3)).toString('base64')],
    ]),
  )
}

const longestLine = (text: string) =>
  text.split('\n').reduce((longest, line) => (line.length > longest.length ? line : longest), '')

/** Names of what is found in a text. */
export function found(wanted: Wanted, text: string): readonly string[] {
  return [...wanted].filter(([, form]) => text.includes(form)).map(([name]) => name)
}

/**
 * Everything of a living host: its disks, its tmpfs, its journal, and of every process argv and environment.
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

/** Its overlay's own layer and its disks as this machine has them, then what is only in its memory. */
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

/** grep ends with 1 where nothing is found, and 2 also where a file vanished under it: what it printed counts. */
async function grep(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('grep', args, {
    maxBuffer: 1e8,
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  }).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }))
  return stdout.split('\n').filter((line) => line !== '')
}

/** Not the journal's files: long fields are compressed there. */
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
