import { expect, test } from 'vitest'
import { logTo } from '../../../src/agent/log.ts'

function logged(least: 'error' | 'warn' | 'info' | 'debug', say: (log: ReturnType<typeof logTo>) => void): string {
  let text = ''
  say(logTo({ write: (line) => (text += line) }, least))
  return text
}

test.each([
  ['error', '<3>e\n'],
  ['warn', '<3>e\n<4>w\n'],
  ['info', '<3>e\n<4>w\n<6>i\n'],
  ['debug', '<3>e\n<4>w\n<6>i\n<7>d\n'],
] as const)('of %s and worse', (least, expected) => {
  const all = logged(least, (log) => {
    log.error('e')
    log.warn('w')
    log.info('i')
    log.debug('d')
  })
  expect(all).toBe(expected)
})

test('attack 6: somebody else’s words are one line of it, and not a long one', () => {
  expect(logged('info', (log) => log.info('a\n<3>b\r\u001b[31m\u2028c'))).toBe('<6>a?<3>b??[31m?c\n')
  expect(logged('info', (log) => log.info('x'.repeat(10_000)))).toHaveLength(500 + 4)
})
