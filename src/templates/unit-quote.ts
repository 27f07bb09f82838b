import { KeelError } from '../errors.ts'

/**
 * A value as one double-quoted word of a systemd unit file, with C-style escapes (systemd.syntax(7), "Quoting"). `%`
 * stays a specifier: a caller doubles it if a value may contain one.
 * @throws KeelError for control characters, which are not allowed in a unit
 */
export function unitQuote(value: string): string {
  refuseControl(value)
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A value that needs no quotes: a name or a path. @throws KeelError for anything else */
export function unitWord(value: string): string {
  if (!/^[A-Za-z0-9_@.:/=+-]+$/.test(value)) {
    throw new KeelError({
      code: 'unit-word',
      found: `${JSON.stringify(value)} is not possible in a systemd unit without quotes`,
    })
  }
  return value
}

function refuseControl(value: string): void {
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw new KeelError({
      code: 'unit-control-character',
      found: `${JSON.stringify(value)} holds a control character`,
      why: 'a unit file has one setting a line',
    })
  }
}

/**
 * One argument of an ExecStart= line, in quotes if it needs them. `%` and `$` are doubled, because systemd would
 * replace them (systemd.service(5), "Command lines").
 */
export function unitArgument(value: string): string {
  return /^[A-Za-z0-9_@.,:/=+-]+$/.test(value) ? value : unitQuote(value).replaceAll('%', '%%').replaceAll('$', '$$$$')
}
