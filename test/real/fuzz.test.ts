import { execa } from 'execa'
import { expect, test } from 'vitest'

const file = (name: string) => new URL(`../../bench/${name}`, import.meta.url).pathname
const fuzz = (...args: readonly string[]) =>
  execa('node', ['--import', file('templates.ts'), file('fuzz.ts'), ...args], { reject: false })

test('1500 inventories and fields of them, age files, keys and secrets.nix, right and wrong: a fault or none, never a crash or a hang', {
  timeout: 60_000,
}, async () => {
  const { stdout, exitCode } = await fuzz('1500', '20261121')
  expect(stdout).toMatch(/^1500 inputs in [\d.]+ s, seed 20261121: no crash, no hang$/m)
  expect(exitCode).toBe(0)
})

test.for([
  ['crash', 'input 10 \\('],
  ['hang', 'input 10 takes longer'],
] as const)('a planted %s is found', { timeout: 60_000 }, async ([what, message]) => {
  const { stdout, exitCode } = await fuzz('20', '1', what)
  expect(stdout).toMatch(new RegExp(message))
  expect(exitCode).toBe(1)
})
