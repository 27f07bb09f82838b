import * as z from 'zod'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import { refusalsOf } from './field.ts'
import { containerFields } from './fields.ts'
import type { Amounts, Container } from './pod.ts'
import { quantityOf } from './quantity.ts'
import { environmentFromSchema, environmentSchema, readEnvironment } from './read-environment.ts'
import { mountsSchema, readMounts } from './read-mounts.ts'
import { readPorts } from './read-ports.ts'
import { healthSchema, readHealth } from './read-probes.ts'
import { containerSecuritySchema, type podSecuritySchema, readSecurity } from './read-security.ts'
import type { Refusal } from './refusal.ts'

/** No program can have one: the kernel ends an argument at NUL. */
const word = z
  .string()
  .max(131_000)
  .regex(/^[^\0]*$/)
const words = z.array(word).max(1000).nullish()
/** The API server writes amounts as text, and takes numbers. */
const amounts = z.record(z.string().max(253), z.union([z.string().max(64), z.number()])).nullish()

export const containerSchema = z.looseObject({
  name: z.string().refine(isDnsLabel),
  image: z.string().max(1024).nullish(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).nullish(),
  command: words,
  args: words,
  workingDir: word.nullish(),
  env: environmentSchema,
  envFrom: environmentFromSchema,
  volumeMounts: mountsSchema,
  ...healthSchema,
  resources: z.looseObject({ limits: amounts, requests: amounts }).nullish(),
  securityContext: containerSecuritySchema.nullish(),
})

type Read = z.output<typeof containerSchema>

/** @param path in the Pod: `spec.containers[0]` */
export function readContainer(
  found: Read,
  security: z.output<typeof podSecuritySchema>,
  path: string,
): { readonly container: Container; readonly refusals: readonly Refusal[] } {
  const { name, image, imagePullPolicy, command, args, workingDir, env, envFrom, volumeMounts, resources } = found
  const { securityContext } = found
  const environment = readEnvironment(env ?? [], envFrom ?? [], path)
  const mounted = readMounts(volumeMounts ?? [], path)
  const { probes, hooks, refusals: healthRefusals } = readHealth(found, environment.sources, path)
  const { ports, refusals: portRefusals } = readPorts(found.ports ?? [], path)
  const secured = readSecurity(security, securityContext ?? {}, path)
  const limits = readAmounts(resources?.limits ?? {}, `${path}.resources.limits`)
  const requests = readAmounts(resources?.requests ?? {}, `${path}.resources.requests`)
  return {
    container: {
      name,
      image: image ?? '',
      pullPolicy: imagePullPolicy ?? 'IfNotPresent',
      command: command ?? [],
      args: args ?? [],
      ...(workingDir === null || workingDir === undefined || workingDir === '' ? {} : { workingDir }),
      environment: environment.sources,
      mounts: mounted.mounts,
      hostPorts: ports,
      probes,
      hooks,
      resources: { limits: limits.amounts, requests: requests.amounts },
      security: secured.security,
    },
    refusals: [
      ...refusalsOf(found, containerFields, path),
      ...environment.refusals,
      ...mounted.refusals,
      ...portRefusals,
      ...healthRefusals,
      ...secured.refusals,
      ...limits.refusals,
      ...requests.refusals,
      ...wordRefusals(found, path),
    ],
  }
}

function readAmounts(
  found: Readonly<Record<string, string | number>>,
  path: string,
): { readonly amounts: Amounts; readonly refusals: readonly Refusal[] } {
  const amounts: { cpu?: bigint; memory?: bigint } = {}
  const refusals: Refusal[] = []
  for (const [name, text] of Object.entries(found)) {
    const quantity = quantityOf(`${text}`)
    // a request of disk is the scheduler's; a limit of it would have to be watched
    const isCounted = name === 'ephemeral-storage' && path.endsWith('.requests')
    if (quantity === undefined) refusals.push({ path: `${path}.${shown(name)}`, why: 'this is no quantity' })
    else if (name === 'cpu' || name === 'memory') amounts[name] = quantity
    else if (!isCounted) refusals.push({ path: `${path}.${shown(name)}`, why: 'this Node has cpu and memory' })
  }
  return { amounts, refusals }
}

function shown(name: string): string {
  return name.slice(0, 60).replace(/[^\w./-]/g, '?')
}

/** Bytes: quoted, each can take four, and systemd reads a line of a megabyte. */
const MOST_WORDS = 250_000

/** What systemd refuses to load. */
function wordRefusals({ command, args, workingDir }: Read, path: string): readonly Refusal[] {
  const refusals: Refusal[] = []
  const [program] = command ?? []
  if (program !== undefined && !isProgram(program))
    refusals.push({ path: `${path}.command[0]`, why: 'systemd takes a path from / on, or a name without /' })
  for (const [field, list] of [
    ['command', command ?? []],
    ['args', args ?? []],
  ] as const)
    for (const [index, one] of list.entries())
      if (!one.isWellFormed()) refusals.push({ path: `${path}.${field}[${index}]`, why: 'systemd takes only UTF-8' })
  if (Buffer.byteLength([...(command ?? []), ...(args ?? [])].join(' ')) > MOST_WORDS)
    refusals.push({ path: `${path}.args`, why: 'a unit has at most 250,000 bytes of them' })
  if (workingDir !== null && workingDir !== undefined && workingDir !== '' && !isFolder(workingDir))
    refusals.push({ path: `${path}.workingDir`, why: 'this is no path from / on' })
  return refusals
}

/** No variable, because systemd has none in the name of a program; and no letter that begins a special one (`-@:+!`). */
function isProgram(text: string): boolean {
  return isFolder(text) || /^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$/.test(text)
}

/** A path that a unit has without quotes, and that leads where it says. */
function isFolder(text: string): boolean {
  return (
    text.length < 4096 &&
    text.isWellFormed() &&
    /^\/(?:[^\0-\x1f\x7f\\$]*[^\0-\x20\x7f\\$])?$/.test(text) &&
    !/(^|\/)\.\.?(\/|$)/.test(text)
  )
}
