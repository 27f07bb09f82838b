/** A section of a unit: settings in order; a key can come more than once. */
export interface Section {
  readonly name: string
  readonly settings: readonly Setting[]
}

/** The value is written as it is: its maker has quoted it for its key. */
export type Setting = readonly [key: string, value: string]

/** systemd does not load a unit with a line of this many bytes (src/basic/def.h, LONG_LINE_MAX). */
const LONGEST_LINE = 1_048_576

/** A value that the reader of Pods should have refused. Its text names the key alone. */
export class UnitFault extends Error {}

/** @throws UnitFault for a line that systemd would read as two, or not at all */
export function unitText(sections: readonly Section[]): string {
  return sections
    .map(({ name, settings }) => `[${name}]\n${settings.map(([key, value]) => line(key, value)).join('')}`)
    .join('\n')
}

function line(key: string, value: string): string {
  const text = `${key}=${value}\n`
  if (/[\n\0]|\\$/.test(value) || Buffer.byteLength(text) >= LONGEST_LINE)
    throw new UnitFault(`a value of ${key} that is no line of a unit was not refused`)
  return text
}
