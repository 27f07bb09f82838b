/**
 * Prepares a value for a layout of lines: a line break in it becomes `\n` and begins no line. The code that prints text
 * makes other control characters visible.
 */
export function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n')
}
