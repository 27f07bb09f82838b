import type { Fault } from '../errors.ts'
import { type Definitions, toFault } from './definitions.ts'
import { draftCluster, draftHost, draftSecrets } from './draft.ts'

/** Faults of single files, for an incomplete inventory, in which keel can't check across files. */
export function faultsOfEach(
  parts: { readonly [Part in 'cluster' | 'secrets']: Definitions[Part] | undefined } & Pick<Definitions, 'hosts'>,
) {
  const drafts = [
    ...(parts.secrets === undefined ? [] : [draftSecrets(parts.secrets)]),
    ...(parts.cluster === undefined ? [] : [draftCluster(parts.cluster)]),
    ...parts.hosts.map(draftHost),
  ]
  return drafts.flatMap(({ source, findings }) => findings.filter(({ path }) => !source.isUnread(path)).map(toFault))
}

/** File by file, each from top to bottom. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  const keyed = faults.map((fault) => {
    const [, file = '', line = 0, column = 0] = /^(.*?)(?::(\d+)(?::(\d+))?)?$/s.exec(fault.at ?? '') ?? []
    return { fault, file, line: Number(line), column: Number(column) }
  })
  return keyed
    .toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
    .map(({ fault }) => fault)
}
