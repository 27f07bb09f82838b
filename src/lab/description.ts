import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { ARCHS, OSES } from '../model/cluster.ts'
import { checkLabName, defaultLabName, LAB_ROLES } from './names.ts'
import { labPaths, labsDirectory } from './state.ts'

type Environment = Readonly<Record<string, string | undefined>>

const k3sOptions = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]))

/** A k3s binary on this machine, in the form of an entry in keel.lock.json. */
const artifactSchema = z.strictObject({
  /** What the program itself prints: `v1.34.4+k3s1`. */
  version: z.string(),
  arch: z.enum(ARCHS),
  path: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** `named` by KEEL_LAB_K3S, a `release` of k3s, or the `lookalike`, which is not k3s. */
  kind: z.enum(['named', 'release', 'lookalike']),
})
export type Artifact = z.infer<typeof artifactSchema>

/** lab.json: everything that `keel init --lab`, ssh and tests need to know about a running lab. */
const labSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  subnet: z.cidrv4(),
  /**
   * The private key that every Debian host's root accepts; a path on this machine. For a Flatcar host, its Ignition
   * config decides who may log in.
   */
  identity: z.string(),
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(LAB_ROLES),
      /**
       * `flatcar`: a look-alike, off until `lab provision` gives it its Ignition config. `nixos`: a Debian host that
       * acts as one.
       */
      os: z.enum(OSES),
      arch: z.enum(ARCHS),
      address: z.string(),
      /** A Flatcar look-alike creates its host key at its first boot, and has none before. */
      hostKey: z
        .string()
        .regex(/^ssh-ed25519 \S+$/)
        .optional(),
      nodeIP: z.ipv4(),
      podCIDR: z.cidrv4(),
    }),
  ),
  k3s: artifactSchema,
  /**
   * The keys that hosts of a lab need in k3s's config.yaml, besides keel's own keys: pull no images, use the network
   * plug-in and the containerd of the host.
   */
  k3sOptions: z.strictObject({ server: k3sOptions, agent: k3sOptions }),
  /**
   * The images in the containerd of every host, because no host can pull any. Empty if the lab could not build them.
   */
  images: z.array(z.string()),
})
export type Lab = z.infer<typeof labSchema>
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
