import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterReady, commands, frameScript } from '../../../../src/ssh/shell/root-shell.ts'

describe('the command lines', () => {
  test.each(Object.entries(commands))('%s means the same in every login shell', (_, command) => {
    const parts = command.split("'")
    // the quotes are in pairs, and nothing is after the last
    expect(parts.length % 2).toBe(1)
    expect(parts.at(-1)).toBe('')
    for (const [index, part] of parts.entries()) {
      // csh takes ! and newlines, fish backslashes, even between single quotes
      if (index % 2 === 1) expect(part).not.toMatch(/[!\n\\]/)
      else expect(part).toMatch(/^[a-zA-Z0-9 =:/_-]*$/)
    }
  })
})

describe('a frame', () => {
  test('tells its length in bytes, not characters', () => {
    const frame = frameScript('echo é€').toString('latin1')
    const end = frame.indexOf('\n')
    expect(frame.slice(0, end)).toBe(`keel:${frame.length - end - 1}`)
  })

  test('holds no NUL: bash would drop it', () => {
    expect(() => frameScript('a\0b')).toThrow(TypeError)
  })
})

describe('what was printed before the ready line is not the script’s', () => {
  const through = (chunks: readonly Buffer[]) => {
    const output: Buffer[] = []
    let ready = 0
    const filter = afterReady(
      () => ready++,
      (bytes) => output.push(bytes),
    )
    for (const chunk of chunks) filter.push(chunk)
    return { ready, output: Buffer.concat(output), noise: filter.noise() }
  }

  test('wherever the packets are cut', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        (noise, output, cuts) => {
          const bytes = Buffer.concat([Buffer.from(`${noise}keel:ready\n`), output])
          const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
          const result = through(at.slice(1).map((end, index) => bytes.subarray(at[index], end)))
          expect(result.ready).toBe(1)
          expect(result.output).toEqual(Buffer.from(output))
        },
      ),
    )
  })

  test('it is kept for the message where no shell comes up', () => {
    expect(through([Buffer.from('This account is '), Buffer.from('not available.\n')])).toMatchObject({
      ready: 0,
      noise: 'This account is not available.',
    })
  })
})
