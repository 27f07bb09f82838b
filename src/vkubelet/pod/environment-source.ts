import type { Quantity } from './quantity.ts'

/** Where variables of a container come from. Values of secrets are nowhere in here. */
export type EnvironmentSource =
  /** `value` may contain `$(NAME)` of one before it. */
  | { readonly kind: 'value'; readonly name: string; readonly value: string }
  | { readonly kind: 'field'; readonly name: string; readonly field: PodField }
  | {
      readonly kind: 'resource'
      readonly name: string
      readonly resource: ResourceName
      /** Absent: the container itself. */
      readonly container?: string
      readonly divisor: Quantity
    }
  /** One key of an object. */
  | {
      readonly kind: 'key'
      readonly name: string
      readonly object: ObjectRef
      readonly key: string
      readonly isOptional: boolean
    }
  /** All keys of an object, each with a prefix. */
  | { readonly kind: 'all'; readonly prefix: string; readonly object: ObjectRef; readonly isOptional: boolean }

/** An object of the Pod's namespace. */
export interface ObjectRef {
  readonly kind: 'secret' | 'configMap'
  readonly name: string
}

/** kubernetes.io/docs/concepts/workloads/pods/downward-api */
export type PodField =
  | { readonly of: 'pod'; readonly field: 'name' | 'namespace' | 'uid' | 'serviceAccountName' }
  | { readonly of: 'host'; readonly field: 'nodeName' | 'address' | 'addresses' }
  | { readonly of: 'labels' | 'annotations'; readonly key: string }

export type ResourceName = 'limits.cpu' | 'limits.memory' | 'requests.cpu' | 'requests.memory'

/**
 * Whether systemd takes a variable of this name (systemd, env_name_is_valid): it drops all others without a word to the
 * program.
 */
export function isVariableName(text: string): boolean {
  return text.length <= 1024 && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

/** The same for a value (env_value_is_valid): UTF-8, and of the control characters only tab and newline. */
export function isVariableValue(text: string): boolean {
  return Buffer.byteLength(text) <= LONGEST_VALUE && text.isWellFormed() && !/[\0-\x08\x0b-\x1f\x7f]/.test(text)
}

/** Bytes: the kernel's MAX_ARG_STRLEN is 131,072, with the name, `=` and the final NUL. */
const LONGEST_VALUE = 130_000
