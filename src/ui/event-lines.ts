import type { Event } from '../deploy/event.ts'
import { type Look, type StyledLine, type StyledText, styled } from '../model/text/styled-text.ts'
import { describeEvent } from './describe-event.ts'

/**
 * An event as lines with looks. Only the first line begins in the first column, so no value in an event can look like
 * another one. `undefined`: the event only changes the live line of a terminal.
 */
export function eventLines(event: Event): StyledText | undefined {
  const text = describeEvent(event)
  if (text === undefined) return undefined
  const [first = '', ...more] = text.split('\n')
  return [firstLine(first, event), ...more.map((line): StyledLine => [line.startsWith('  ') ? line : `  ${line}`])]
}

function firstLine(line: string, event: Event): StyledLine {
  const colon = line.indexOf(': ')
  if (colon < 0) return [line]
  const [before, after] = [line.slice(0, colon), line.slice(colon)]
  if (event.event === 'note') return [styled('warning', before), after]
  const look = lookOf(event)
  return [styled('host', before), ...(look === undefined ? [after] : [': ', styled(look, after.slice(2))])]
}

function lookOf(event: Event): Look | undefined {
  switch (event.event) {
    case 'done':
      return event.changed ? 'good' : 'aside'
    case 'failed':
      return 'fault'
    case 'not-switched':
    case 'behind':
      return 'warning'
    default:
      return undefined
  }
}
