import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'

/** A real journald in a namespace of its own, and the real journalctl. */
interface Said {
  readonly whole: string
  readonly other: string
  readonly tail: string
  readonly long: string
  readonly most: string
  readonly none: string
  readonly limit: string
  readonly stamped: string
  readonly later: string
  readonly recent: string
  readonly followed: string
  readonly followedEnd: string
  readonly grown: number
}

let said: Said
beforeAll(async () => {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--mount-proc', '--kill-child']
  const setUp = 'mount -t tmpfs -o mode=755 tmpfs /run; mkdir -p /run/log/journal; exec "$0" "$@"'
  const child = new URL('logs-child.ts', import.meta.url).pathname
  const args = [...namespaces, 'bash', '-euc', setUp, process.execPath, '--no-warnings', child]
  const { stdout } = await execa('unshare', args, { stdin: 'ignore' })
  said = JSON.parse(stdout)
})

describe('the output of a run', () => {
  test('is that of this run alone, byte for byte, with a long line in one piece', () => {
    expect(said.whole).toBe(`one\ntwo\n<3>three\n\u00ff\n${'x'.repeat(100_000)}\nlast\n`)
    expect(said.other).toBe('other\n')
  })

  test('from the end, to a limit, with times, since a time', () => {
    expect([said.tail, said.none, said.limit, said.later, said.recent]).toEqual(['last\n', '', 'one\nt', '', 'other\n'])
    expect(said.stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}000Z one$/)
  })

  test('from the end counts lines, and not the parts of a long one', () => {
    expect(said.long).toBe(`\u00ff\n${'x'.repeat(100_000)}\nlast\n`)
    expect(said.most).toBe(said.whole)
  })

  test('is followed to its last line', () => {
    expect(said.followed).toBe('other\nfollowed 0\nfollowed 1\nfollowed 2\n')
    expect(said.followedEnd).toBe('followed 2\n')
  })

  test('takes no memory while nobody reads it', () => {
    // all of it is 20 MB, and 60 as JSON
    expect(said.grown).toBeLessThan(15_000_000)
  })
})
