import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { type artifactSchema, labSchema } from './lab-schema.ts'
import { checkLabName, defaultLabName } from './names.ts'
import { labPaths, labsDirectory } from './state.ts'

type Environment = Readonly<Record<string, string | undefined>>
export type Artifact = z.infer<typeof artifactSchema>

export type Lab = z.infer<typeof labSchema>
export type LabOf<Kind extends Lab['distribution']> = Extract<Lab, { readonly distribution: Kind }>
export type LabHost = Lab['hosts'][number]

/**
 * Reads the description of a running lab.
 * @throws KeelError `lab-unknown` (exit 2), `lab-description`
 */
export async function readLab(name: string = defaultLabName, env: Environment = process.env): Promise<Lab> {
  const { description } = labPaths(env, checkLabName(name))
  const text = await readFile(description, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    const known = (await labNames(env)).join(', ')
    throw new KeelError({
      code: 'lab-unknown',
      found: `no lab ${JSON.stringify(name)} is up${known === '' ? '' : `; there are: ${known}`}`,
      todo: `run \`keel lab up --name ${name}\``,
      exit: ExitCode.Usage,
    })
  }
  const parsed = labSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new KeelError({
    code: 'lab-description',
    at: description,
    found: z.prettifyError(parsed.error),
    why: 'another version of keel wrote it',
    todo: `run \`keel lab down --name ${name}\`, then \`keel lab up\` again`,
  })
}

/** Writes the description in one step, so a lab that has a description is complete. */
export async function writeLab(lab: Lab, env: Environment): Promise<void> {
  const { description, knownHosts } = labPaths(env, lab.name)
  const known = lab.hosts.flatMap(({ nodeIP, hostKey }) => (hostKey === undefined ? [] : [`${nodeIP} ${hostKey}\n`]))
  await writeFile(knownHosts, known.join(''))
  await writeFile(`${description}.new`, `${JSON.stringify(labSchema.parse(lab), null, 2)}\n`)
  await rename(`${description}.new`, description)
}

/** @throws KeelError `lab-host` (exit 2) */
export function hostOf(lab: Lab, name: string): LabHost {
  const host = lab.hosts.find((candidate) => candidate.name === name)
  if (host !== undefined) return host
  throw new KeelError({
    code: 'lab-host',
    found: `lab ${lab.name} has no host ${JSON.stringify(name)}`,
    todo: `choose one of ${lab.hosts.map((candidate) => candidate.name).join(', ')}`,
    exit: ExitCode.Usage,
  })
}

/** Labs with state on this machine, up or not. */
export async function labNames(env: Environment): Promise<readonly string[]> {
  const entries = await readdir(labsDirectory(env), { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
