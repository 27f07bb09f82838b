import type { ObjectRef, PodField, ResourceName } from './environment-source.ts'
import type { Quantity } from './quantity.ts'

/** A volume of a Pod: where its files come from. Values of secrets are nowhere in here. */
export type Volume =
  | {
      readonly kind: 'files'
      readonly name: string
      /** In order: a later one of the same path counts. */
      readonly sources: readonly FileSource[]
      /** Permissions of a file that has none of its own. */
      readonly mode: number
    }
  | {
      readonly kind: 'empty'
      readonly name: string
      readonly medium: 'disk' | 'memory'
      readonly limit?: Quantity
    }
  | {
      readonly kind: 'host'
      readonly name: string
      readonly path: string
      readonly type: HostPathType
    }

export type HostPathType = '' | 'Directory' | 'DirectoryOrCreate' | 'File'

export type FileSource =
  | {
      readonly kind: 'object'
      readonly object: ObjectRef
      /** Absent: all keys, each a file of its name. */
      readonly items?: readonly KeyFile[]
      readonly isOptional: boolean
    }
  | {
      readonly kind: 'token'
      /** Absent: the API server's own. */
      readonly audience?: string
      readonly seconds: number
      readonly path: string
    }
  | { readonly kind: 'fields'; readonly items: readonly FieldFile[] }

export interface KeyFile {
  readonly key: string
  readonly path: string
  readonly mode?: number
}

export interface FieldFile {
  readonly path: string
  readonly mode?: number
  readonly value:
    | { readonly kind: 'field'; readonly field: PodField | { readonly all: 'labels' | 'annotations' } }
    | {
        readonly kind: 'resource'
        readonly resource: ResourceName
        readonly container: string
        readonly divisor: Quantity
      }
}

/** Where a container sees a volume. */
export interface Mount {
  readonly volume: string
  /** From / on, and without characters that a unit reads as its own. */
  readonly path: string
  /** Below the volume's folder; empty: the folder itself. */
  readonly subPath: string
  readonly isReadOnly: boolean
}
