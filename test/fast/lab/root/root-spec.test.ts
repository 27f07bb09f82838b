import { expect, test } from 'vitest'
import { aptOptions, debianSources } from '../../../../src/lab/root/apt-sources.ts'
import { rootDigest, rootSpec } from '../../../../src/lab/root/root-spec.ts'

test('the cached root is another one as soon as anything in it would be', () => {
  const spec = rootSpec('amd64')
  const others = [
    { ...spec, packages: [...spec.packages, 'curl'] },
    { ...spec, suite: 'trixie' },
    { ...spec, links: { ...spec.links, '/a': '/b' } },
    { ...spec, files: spec.files.map((file, index) => (index === 0 ? { ...file, mode: 0o700 } : file)) },
    rootSpec('arm64'),
  ]
  expect(new Set([spec, ...others].map(rootDigest)).size).toBe(others.length + 1)
  expect(rootDigest(rootSpec('amd64'))).toBe(rootDigest(spec))
})

test('what keel must do without on a host is not in the root', () => {
  expect(rootSpec('amd64').packages).toEqual(expect.not.arrayContaining(['curl', 'wget', 'python3', 'nodejs']))
})

test.each([
  {
    promise: "the machine's own mirrors, updates and security among them",
    targets: [
      'Debian|http://a/debian/|bookworm|main|bookworm',
      'Debian|http://a/debian/|bookworm-updates|main|bookworm-updates',
      'Debian|http://b/sec/|x|main|bookworm-security',
    ],
    sources: [
      'deb http://a/debian/ bookworm main',
      'deb http://a/debian/ bookworm-updates main',
      'deb http://b/sec/ bookworm-security main',
    ],
  },
  {
    promise: 'the same mirrors for another suite',
    targets: ['Debian|http://a/debian/|stable|main|trixie'],
    sources: ['deb http://a/debian/ bookworm main'],
  },
  {
    promise: 'a target listed for two architectures counts once',
    targets: Array(2).fill('Debian|http://a/|bookworm|main|bookworm'),
    sources: ['deb http://a/ bookworm main'],
  },
  {
    promise: "nobody else's packages, no backports, no contrib",
    targets: [
      'Node|http://n/|x|main|nodistro',
      'Debian|http://a/|b|main|bookworm-backports',
      'Debian|http://a/|b|contrib|bookworm',
      '',
    ],
    sources: [],
  },
])('apt sources: $promise', ({ targets, sources }) => {
  expect(debianSources(targets.join('\n'), 'bookworm', undefined)).toEqual(sources)
})

test('sources are believed by the keyring that is named', () => {
  expect(debianSources('Debian|http://a/|bookworm|main|bookworm', 'bookworm', '/k.gpg')).toEqual([
    'deb [signed-by=/k.gpg] http://a/ bookworm main',
  ])
})

test("of the machine's apt configuration the root's build takes what reaches and believes a mirror, nothing else", () => {
  const dump =
    'APT "";\nAcquire "";\nAcquire::http::Proxy "http://p:3128";\nAcquire::Check-Valid-Until "false";\nDpkg::Options:: "x";\nAcquire::AllowInsecureRepositories "1";\n'
  expect(aptOptions(dump)).toBe('Acquire::http::Proxy "http://p:3128";\nAcquire::Check-Valid-Until "false";\n')
})
