import { PINS_FILE, type Pins, pinsText, readPinBytes, readPins } from '../../artifacts/pins.ts'
import { replaceFiles } from '../../files/transaction/replace-files.ts'
import { sha256 } from '../../model/digest.ts'

/** Something that is pinned in keel.lock.json. */
export interface Pinning {
  pin(pins: Pins): Promise<Pins>
  /** What is pinned of it, for a person. */
  lines(pins: Pins): readonly string[]
}

/**
 * Pins one after the other, and writes keel.lock.json if that changes it.
 * @returns the lines about all of them, or that nothing changed
 * @throws KeelError as the pinnings, and as `pinWith`
 */
export async function changePins(directory: string, pinnings: readonly Pinning[]): Promise<readonly string[]> {
  const { pins, isWritten } = await pinWith(directory, async (before) => {
    let pins = before
    for (const pinning of pinnings) pins = await pinning.pin(pins)
    return { pins }
  })
  return isWritten ? pinnings.flatMap((pinning) => pinning.lines(pins)) : [`${PINS_FILE}: nothing changed`]
}

/**
 * Does work that pins something, and writes keel.lock.json if that changes it. The work may take minutes, and what
 * somebody else writes meanwhile stays: then this writes nothing.
 * @param work gets what is pinned; returns what it has made, with the pins that are to be written
 * @throws KeelError as the work; `lock-file`; `secrets-locked`; `file-changed` if the file was changed during the work
 */
export async function pinWith<Made extends { readonly pins: Pins }>(
  directory: string,
  work: (pins: Pins) => Promise<Made>,
): Promise<Made & { readonly isWritten: boolean }> {
  const bytes = readPinBytes(directory)
  const before = await readPins(directory)
  const made = await work(before)
  const isWritten = pinsText(made.pins) !== pinsText(before)
  if (isWritten) {
    const contents = Buffer.from(pinsText(made.pins))
    await replaceFiles(directory, [{ file: PINS_FILE, contents, replaces: bytes && sha256(bytes) }])
  }
  return { ...made, isWritten }
}
