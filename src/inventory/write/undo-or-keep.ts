export interface UndoOrKeep {
  readonly undo: boolean
  /** What the user is told. */
  readonly text: string
}

/**
 * What becomes of a new host's files when its deploy did not end well. Up to its first byte the host knows nothing of
 * all this, and neither shall the inventory. For a flake the files have to be there: git does not track them yet, and
 * that is all that is wrong.
 * @param reached the host has got its first byte
 * @param gitAdd the command that has git track the files, where nothing else is missing
 */
export function undoOrKeep(host: string, reached: boolean, gitAdd: string | undefined): UndoOrKeep {
  if (!reached && gitAdd === undefined) return { undo: true, text: 'the inventory is as it was before' }
  const first = gitAdd === undefined ? '' : `${gitAdd}, then `
  return { undo: false, text: `${host} stays in the inventory; to continue: ${first}\`keel deploy ${host}\`` }
}
