import type { FileState } from './staleness.ts'

/** The state of a file in a few words, for a line after its name. */
export function describeState(state: FileState): string {
  if (state.kind === 'fresh') return 'up to date'
  if (state.kind === 'missing') return 'has no value yet'
  if (state.kind === 'unknown') return `unknown: ${state.why}`
  if (state.kind === 'damaged') return `damaged: ${state.why}`
  return describeDifferences(state).join('; ')
}

function describeDifferences({ missing, extra, form }: Extract<FileState, { kind: 'stale' }>): readonly string[] {
  return [
    ...(missing.length === 0
      ? []
      : [`${missing.map(({ kind, name }) => `${kind} ${name}`).join(', ')} cannot read it`]),
    ...(extra.length === 0 ? [] : [`${extra.join(', ')} can read it, but should not`]),
    ...(form ? ['not in the form (armor or binary) that its rule sets'] : []),
  ]
}
