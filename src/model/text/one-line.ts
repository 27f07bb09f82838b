/**
 * A value on its way into a layout of lines: a line break in it shows as `\n` and begins no line. Other control
 * characters are shown where text is printed.
 */
export function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n')
}
