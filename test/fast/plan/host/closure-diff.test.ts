import { describe, expect, it } from 'vitest'
import { describeOperation } from '../../../../src/plan/describe-operation.ts'
import { closureDiff } from '../../../../src/plan/host/closure-diff.ts'

const hash = '0123456789abcdfghijklmnpqrsvwxyz'
const closure = (paths: Readonly<Record<string, number>>) =>
  Object.entries(paths).map(([name, bytes]) => ({ path: `/nix/store/${hash}-${name}`, bytes }))

/** The lines are `nix store diff-closures`'s own, which test/real/nixos/build.test.ts compares with. */
describe('what changes between two closures', () => {
  it.each<[string, Record<string, number>, Record<string, number>, readonly string[]]>([
    ['a version', { 'k3s-1.36.2+k3s1': 1 }, { 'k3s-1.36.3+k3s1': 1 }, ['k3s: 1.36.2+k3s1 → 1.36.3+k3s1']],
    ['with its size', { 'k3s-1.36.2': 0 }, { 'k3s-1.36.3': 10_240 }, ['k3s: 1.36.2 → 1.36.3, +10.0 KiB']],
    ['a package that comes', {}, { 'vim-9.1': 1 }, ['vim: ∅ → 9.1']],
    ['one that goes', { 'vim-9.1': 20_480 }, {}, ['vim: 9.1 → ∅, -20.0 KiB']],
    ['one without a version', {}, { 'unit-k3s.service': 1 }, ['unit-k3s.service: ∅ → ε']],
    ['one of two versions', { 'foo-1': 1, 'foo-2': 1 }, { 'foo-2': 1 }, ['foo: 1 → ∅']],
    ['size alone', { etc: 0 }, { etc: 8192 }, ['etc: +8.0 KiB']],
    ['too little of it', { etc: 0 }, { etc: 8191 }, []],
    ['outputs are one package', { 'openssl-3.0.1': 1, 'openssl-3.0.1-bin': 1 }, { 'openssl-3.0.1-bin': 1 }, []],
    ['a name with a digit', { 'python3-3.12.1': 1 }, { 'python3-3.12.2': 1 }, ['python3: 3.12.1 → 3.12.2']],
  ])('%s', (_, before, after, lines) => {
    expect(closureDiff(closure(before), closure(after)).slice(1)).toEqual(lines.map((line) => `  ${line}`))
  })

  it('the whole stands first', () => {
    const [a, b] = [closure({ a: 3 * 1024 ** 2 }), closure({ b: 1024 ** 2 })]
    expect(closureDiff(a, b)[0]).toBe('closure: 3.0 MiB → 1.0 MiB')
    expect(closureDiff(a, a)).toEqual(['closure: 3.0 MiB → 3.0 MiB, the same packages'])
  })

  it('and all of it below the operation that brings it', () => {
    const operation = {
      op: 'switch-system',
      why: 'its sources changed',
      secrets: [],
      diff: ['+ a'],
      closure: ['closure: x'],
    } as const
    expect(describeOperation(operation)).toBe(
      'build its system and switch to it (its sources changed)\n    + a\n    closure: x',
    )
  })
})
