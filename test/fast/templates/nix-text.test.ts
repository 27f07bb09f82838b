import { describe, expect, it } from 'vitest'
import { nix, nixPath, nixString, nixText, printNix } from '../../../src/templates/nix-text.ts'

describe('Nix as people write it', () => {
  it.each([
    ['a set of one becomes a path', { services: { k3s: { enable: true } } }, '{ services.k3s.enable = true; }'],
    ['names that need quotes get them', { 'a.b': 1, if: 2, "c'": 3 }, '{\n  "a.b" = 1;\n  "if" = 2;\n  c\' = 3;\n}'],
    ['lines are indented', 'one\n  two\n', "''\n  one\n    two\n''"],
    ['an interpolation is a text', '\u0024{pkgs.k3s}', '"\\\u0024{pkgs.k3s}"'],
    [
      'code in a list stands in parentheses',
      [nix`lib.mkIf x 1`, nix`config.a.b`],
      '[\n  (lib.mkIf x 1)\n  config.a.b\n]',
    ],
    ['a negative number, too', [-1], '[ (-1) ]'],
    ['text around code', nixText`--token-file=${nix`config.x.path`}`, '"--token-file=\u0024{config.x.path}"'],
    ['a number beyond the integers', 1e21, '1.0e+21'],
  ])('%s', (_, value, text) => expect(printNix(value)).toBe(text))

  it.each([
    ['nix-nul', () => nixString('a\0b')],
    ['nix-number', () => printNix(Number.POSITIVE_INFINITY)],
    ['nix-path', () => nixPath('../a b')],
    ['nix-path', () => nixPath('a/b')],
    ['nix-path', () => nixPath('./\u0024{x}')],
  ])('%s is refused', (code, act) => expect(act).toThrow(expect.objectContaining({ code })))
})
