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
 * @throws KeelError as the pinnings; `secrets-locked`; `file-changed` if somebody else has changed the file meanwhile
 */
export async function changePins(directory: string, pinnings: readonly Pinning[]): Promise<readonly string[]> {
  const before = readPinBytes(directory)
  const pins = await readPins(directory)
  let pinned = pins
  for (const pinning of pinnings) pinned = await pinning.pin(pinned)
  if (pinsText(pinned) === pinsText(pins)) return [`${PINS_FILE}: nothing changed`]
  const contents = Buffer.from(pinsText(pinned))
  await replaceFiles(directory, [{ file: PINS_FILE, contents, replaces: before && sha256(before) }])
  return pinnings.flatMap((pinning) => pinning.lines(pinned))
}
