import {
  type EnvironmentSource,
  isVariableName,
  isVariableValue,
  type ObjectRef,
  type PodField,
  type ResourceName,
} from './environment-source.ts'
import { expanded } from './expansion.ts'
import type { Amounts, Container, Pod, Resources } from './pod.ts'
import { dividedUp, type Quantity } from './quantity.ts'

export interface HostFacts {
  readonly nodeName: string
  /** At least one. */
  readonly addresses: readonly string[]
  readonly allocatable: Required<Amounts>
}

/** The keys of an object, as the API server has it now; undefined where there is none. */
export type LookUp = (object: ObjectRef) => ReadonlyMap<string, string> | undefined

export type ResolvedEnvironment =
  | {
      readonly kind: 'environment'
      /** Contains values of secrets: for the environment file alone. */
      readonly variables: ReadonlyMap<string, string>
      /** Keys of whole objects that are no names of variables: for an Event. */
      readonly skipped: readonly string[]
    }
  /** In words without a value. */
  | { readonly kind: 'fault'; readonly message: string }

class Missing extends Error {}

/** Characters of all values: the kernel gives arguments and environment 2 MiB together (execve(2), a quarter of the stack). */
const LONGEST = 2_097_152

/** The variables of a container at this moment: it is asked again for each run. */
export function resolveEnvironment(
  pod: Pod,
  { name, environment, resources }: Container,
  lookUp: LookUp,
  host: HostFacts,
): ResolvedEnvironment {
  const variables = new Map<string, string>()
  const skipped: string[] = []
  const ofContainers = new Map([...pod.initContainers, ...pod.containers].map((one) => [one.name, one.resources]))
  const valueFrom = (source: Exclude<EnvironmentSource, { kind: 'all' }>): string | undefined => {
    switch (source.kind) {
      case 'value':
        return expandedValue(source, variables)
      case 'field':
        return podField(pod, host, source.field)
      case 'resource': {
        const asked = source.container === undefined ? resources : ofContainers.get(source.container)
        if (asked === undefined) throw new Missing(`there is no container ${source.container} for ${source.name}`)
        return resourceField(asked, host, source)
      }
      case 'key': {
        const found = lookUp(source.object)?.get(source.key)
        if (found === undefined && !source.isOptional)
          throw new Missing(`${source.object.kind} ${source.object.name} has no key ${source.key}`)
        return found
      }
    }
  }
  let length = 0
  const add = (variable: string, value: string) => {
    if (!isVariableValue(value)) throw new Missing(`the value of ${variable} has a control character, or is too long`)
    length += value.length - (variables.get(variable) ?? '').length
    if (length > LONGEST) throw new Missing(`from ${variable} on, its environment is longer than a program can have`)
    variables.delete(variable)
    variables.set(variable, value)
  }
  try {
    for (const source of environment) {
      if (source.kind !== 'all') {
        const value = valueFrom(source)
        if (value !== undefined) add(source.name, value)
        continue
      }
      const found = lookUp(source.object)
      if (found === undefined && !source.isOptional)
        throw new Missing(`${source.object.kind} ${source.object.name} does not exist`)
      for (const [key, value] of found ?? []) {
        const variable = source.prefix + key
        if (isVariableName(variable)) add(variable, value)
        else skipped.push(key)
      }
    }
  } catch (error) {
    if (error instanceof Missing) return { kind: 'fault', message: `container ${name}: ${error.message}` }
    throw error
  }
  return { kind: 'environment', variables, skipped }
}

function expandedValue(
  { name, value }: EnvironmentSource & { kind: 'value' },
  variables: ReadonlyMap<string, string>,
): string {
  const found = expanded(value, (variable) => variables.get(variable))
  if (found === undefined) throw new Missing(`the value of ${name} is too long with the variables in it`)
  return found
}

/** The amount of a resource in units of a divisor. A limit that a container does not have is what the Node has. */
export function resourceField(
  { limits, requests }: Resources,
  { allocatable }: HostFacts,
  { resource, divisor }: { readonly resource: ResourceName; readonly divisor: Quantity },
): string {
  const [list, name] = resource.split('.')
  const amounts = list === 'limits' ? { ...allocatable, ...limits } : requests
  return `${dividedUp((name === 'cpu' ? amounts.cpu : amounts.memory) ?? 0n, divisor)}`
}

/** The value of a field of the downward API; empty for a label that is not there. */
export function podField(pod: Pod, host: HostFacts, source: PodField): string {
  switch (source.of) {
    case 'pod':
      return source.field === 'serviceAccountName' ? pod.serviceAccount : pod[source.field]
    case 'host':
      if (source.field === 'nodeName') return host.nodeName
      return source.field === 'address' ? (host.addresses[0] ?? '') : host.addresses.join(',')
    default:
      // a label may have the name of something that every object has
      return Object.hasOwn(pod[source.of], source.key) ? (pod[source.of][source.key] ?? '') : ''
  }
}
