import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defined, evaluateMachines, type Said, systemdWords } from '../../support/nixos/evaluated-machines.ts'

/** The example inventory's machines beside the modules they had before keel: those of the seed. */
const root = new URL('../../../', import.meta.url).pathname
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')
const [ocean, maia, seedOcean, seedMaia] = evaluateMachines(
  ['', 'test/cases/nixos/seed/'].flatMap((from) =>
    ['ocean', 'maia'].map((host) => ({
      host,
      module: read(`${from}hosts/${host}/k3s.nix`),
      release: '25.11' as const,
    })),
  ),
)

/** The rows of the table that docs/adopt-agenix.md has for a machine: what keel's module says beyond the old one. */
function explained(machine: string): readonly string[] {
  const section =
    read('docs/adopt-agenix.md')
      .split(/^## /m)
      .find((text) => text.startsWith('What becomes different')) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `') && new RegExp(`\\b${machine}\\b`).test(line.split('|')[2] ?? ''))
    .map((line) => /^\| `([^`]*)`/.exec(line)?.[1] ?? '')
    .toSorted()
}

const flags = ({ words }: Said) =>
  systemdWords(
    words
      .slice(2)
      .join(' ')
      .replaceAll(/(?<=^| )(--[a-z-]+) (?=[^- ])/g, '$1='),
  )
/** Everything that is said beside services.k3s's own options: unit settings, assertions and the rest, by option. */
const options = (said: Said) => [
  ...Object.keys(said.secrets).map((name) => `age.secrets.${name}`),
  ...Object.entries(said.defined).flatMap(([name, value]) =>
    name === 'age' || name === 'services'
      ? []
      : Object.keys(Array.isArray(value) ? { '': 0 } : (value as object)).map((inner) =>
          [name, inner].filter(Boolean).join('.'),
        ),
  ),
  ...(defined(said, 'services', 'logind') === undefined ? [] : ['services.logind']),
]

describe.each([
  ['ocean', ocean, seedOcean],
  ['maia', maia, seedMaia],
] as const)('%s', (name, ours, seed) => {
  if (ours === undefined || seed === undefined) throw new Error('not evaluated')

  it('keeps its role, its token file and how its secret is decrypted', () => {
    expect(ours.words.slice(0, 2)).toEqual(seed.words.slice(0, 2))
    expect(defined(ours, 'services', 'k3s', 'tokenFile')).toBe(defined(seed, 'services', 'k3s', 'tokenFile'))
    const files = ({ secrets }: Said) =>
      Object.entries(secrets).map(([secret, { path, owner, mode, file }]) => ({
        secret,
        path,
        owner,
        mode,
        file: file.path.split('/').slice(-2),
      }))
    expect(files(ours)).toEqual(expect.arrayContaining(files(seed)))
  })

  it('keeps every flag, and has those besides that docs/adopt-agenix.md explains', () => {
    expect(flags(ours)).toEqual(expect.arrayContaining([...flags(seed)]))
    const added = [
      ...flags(ours).filter((flag) => !flags(seed).includes(flag)),
      ...options(ours).filter((option) => !options(seed).includes(option)),
    ]
    expect(added.map((text) => text.replace(/\/nix\/store\/.*/, '…')).toSorted()).toEqual(explained(name))
  })
})
