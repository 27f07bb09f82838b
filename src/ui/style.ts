import { styleText } from 'node:util'
import { oneLine } from '../model/text/one-line.ts'
import type { Look, StyledText } from '../model/text/styled-text.ts'
import { visible } from './visible.ts'

type Format = Parameters<typeof styleText>[0]

/**
 * How each piece looks. Colours come by name from the 16 that every terminal has in a tint that fits its background.
 * White, black and the bright ones can disappear on some backgrounds. No look is the only sign of its meaning: a mark or
 * a word says the same.
 */
const looks: Readonly<Record<Look, Format>> = {
  host: 'bold',
  command: 'bold',
  added: 'green',
  changed: 'yellow',
  removed: 'red',
  restarted: ['bold', 'magenta'],
  step: 'cyan',
  aside: 'dim',
  good: 'green',
  warning: 'yellow',
  fault: ['bold', 'red'],
  heading: ['bold', 'underline'],
  strong: 'bold',
  literal: 'cyan',
}

/**
 * Lines for a stream. Each piece is made visible before it gets its look, so the only codes in the result are keel's
 * own, whatever a host has sent.
 */
export function painted(text: StyledText, colors: boolean): string {
  const piece = (value: string, look?: Look) => {
    const safe = oneLine(visible(value))
    return look === undefined || !colors || safe === '' ? safe : styleText(looks[look], safe, { validateStream: false })
  }
  return text
    .map((line) => line.map((each) => (typeof each === 'string' ? piece(each) : piece(each.text, each.look))).join(''))
    .join('\n')
}
