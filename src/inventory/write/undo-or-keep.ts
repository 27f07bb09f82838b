export interface UndoOrKeep {
  readonly undo: boolean
  /** The message for the user. */
  readonly text: string
}

/**
 * Decides about the files of a new host if its deploy failed. Before its first byte the host has none of this, so keel
 * restores the inventory. A flake needs the files, if the only problem is that git does not track them yet.
 * @param reached whether the host has received its first byte
 * @param gitAdd the command that makes git track the files, if nothing else is missing
 */
export function undoOrKeep(host: string, reached: boolean, gitAdd: string | undefined): UndoOrKeep {
  if (!reached && gitAdd === undefined) return { undo: true, text: 'the inventory is as it was before' }
  const first = gitAdd === undefined ? '' : `${gitAdd}, then `
  return { undo: false, text: `${host} stays in the inventory; to continue: ${first}\`keel deploy ${host}\`` }
}
