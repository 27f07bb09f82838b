import { describe, expect, it } from 'vitest'

/** What a script of keel's prints, and what keel takes from it. */
export function reads<Answer>(
  what: string,
  parse: (stdout: string) => Answer,
  cases: readonly (readonly [what: string, stdout: string, answer: Answer])[],
): void {
  describe(what, () => {
    it.each(cases)('%s', (_what, stdout, answer) => expect(parse(stdout)).toStrictEqual(answer))
  })
}

export const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('')
