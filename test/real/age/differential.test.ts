import { execa } from 'execa'
import { expect, test } from 'vitest'

test('300 age files and keys, nearly right: keel takes none that age refuses, and reads none differently', async () => {
  const bench = new URL('../../../bench/age-differential.ts', import.meta.url).pathname
  const { stdout, exitCode } = await execa('node', [bench, '300', '20261121'], { reject: false })
  console.log(stdout)
  const [, took, refused] =
    /^300 inputs in .*: both took (\d+), both refused (\d+), no wrong one taken$/m.exec(stdout) ?? []
  expect(exitCode).toBe(0)
  // neither of them refuses everything
  expect(Number(took)).toBeGreaterThan(10)
  expect(Number(refused)).toBeGreaterThan(100)
})
