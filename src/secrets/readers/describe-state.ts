import type { FileState } from './staleness.ts'

/** A file's state in a few words, for a line behind its name. */
export function describeState(state: FileState): string {
  if (state.kind === 'fresh') return 'right'
  if (state.kind === 'missing') return 'has no value yet'
  if (state.kind === 'unknown') return `unknown: ${state.why}`
  if (state.kind === 'damaged') return `damaged: ${state.why}`
  return describeDifferences(state).join('; ')
}

function describeDifferences({ missing, extra, form }: Extract<FileState, { kind: 'stale' }>): readonly string[] {
  return [
    ...(missing.length === 0 ? [] : [`can't be read by ${missing.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`]),
    ...(extra.length === 0 ? [] : [`can be read by ${extra.join(', ')} and should not`]),
    ...(form ? ['in the other form (armor or binary) than its rule says'] : []),
  ]
}
