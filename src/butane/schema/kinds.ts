import type { Version } from '../versions.ts'

/** The kinds of values in a config, as data. `ValueOf` is the TypeScript type of each. */
export type Kind = TextKind | IntegerKind | FlagKind | ListKind | StructKind

/** `name`: the name of the type in Go, for messages. */
export interface TextKind {
  readonly kind: 'text'
  readonly name?: string
}
export interface IntegerKind {
  readonly kind: 'integer'
}
export interface FlagKind {
  readonly kind: 'flag'
}
export interface ListKind<Item extends Kind = Kind> {
  readonly kind: 'list'
  readonly item: Item
  readonly name?: string
  /** `allowed`: entries may be equal. By default no two may have the same name (checks/duplicates.ts). */
  readonly duplicates?: 'allowed'
  /** Lists of one struct with the same word here may not contain equal entries either. */
  readonly shared?: string
}
export interface StructKind<Fields extends FieldMap = FieldMap> {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: Fields
}

export interface Field<K extends Kind = Kind> {
  readonly of: K
  /** Never absent: "" or 0 if the config does not set it. `always`: printed even then. */
  readonly required?: 'always' | 'unless empty'
  /** Only in Butane configs, not in Ignition configs. */
  readonly butaneOnly?: true
  /** Only in Ignition configs. A Butane config may not set it. */
  readonly ignitionOnly?: true
  readonly since?: Version
}
export interface FieldMap {
  readonly [name: string]: Field
}

export type ValueOf<K extends Kind> = K extends TextKind
  ? string
  : K extends IntegerKind
    ? bigint
    : K extends FlagKind
      ? boolean
      : K extends ListKind<infer Item>
        ? readonly ValueOf<Item>[]
        : K extends StructKind<infer Fields>
          ? { readonly [N in keyof Fields]: FieldValue<Fields[N]> }
          : never
type FieldValue<F extends Field> = F['of'] extends ListKind | StructKind
  ? ValueOf<F['of']>
  : F extends { readonly required: string }
    ? ValueOf<F['of']>
    : ValueOf<F['of']> | undefined

/** The same without the fields that only Butane has. */
export type IgnitionOf<K extends Kind> =
  K extends ListKind<infer Item>
    ? readonly IgnitionOf<Item>[]
    : K extends StructKind<infer Fields>
      ? {
          readonly [N in keyof Fields as Fields[N] extends { readonly butaneOnly: true } ? never : N]: IgnitionField<
            Fields[N]
          >
        }
      : ValueOf<K>
type IgnitionField<F extends Field> = F['of'] extends ListKind | StructKind ? IgnitionOf<F['of']> : FieldValue<F>

/** Any of these values, for code that walks over all of them. */
export type Value = string | bigint | boolean | undefined | readonly Value[] | StructData
export interface StructData {
  readonly [name: string]: Value
}

/** The name of a field in YAML: `sizeMiB` → `size_mib`, `typeGuid` → `type_guid`. */
export function yamlName(name: string): string {
  return name.replace(/MiB|[A-Z]/g, (capital) => `_${capital}`).toLowerCase()
}

export function isStructData(value: Value): value is StructData {
  return typeof value === 'object' && !Array.isArray(value)
}
