import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AllowList, whyNotAllowed } from '../../../src/vkubelet/images/allow-list.ts'
import { aptName, imageOf } from '../../../src/vkubelet/images/image-name.ts'

describe('an image', () => {
  test.each([
    ['uptimed', { kind: 'package', name: 'uptimed' }],
    ['uptimed:latest', { kind: 'package', name: 'uptimed' }],
    ['debian/uptimed:0.4.6-1', { kind: 'package', repository: 'debian', name: 'uptimed', version: '0.4.6-1' }],
    ['g++:4:12.2.0-3', { kind: 'package', name: 'g++', version: '4:12.2.0-3' }],
    ['own/coredns:1.11.1~rc1+b2', { kind: 'package', repository: 'own', name: 'coredns', version: '1.11.1~rc1+b2' }],
    ['exec:/usr/sbin/uptimed', { kind: 'program', path: '/usr/sbin/uptimed' }],
  ])('%s', (text, expected) => {
    expect(imageOf(text)).toEqual(expected)
  })

  test.each([
    '',
    'docker.io/library/nginx',
    'registry.example:5000/nginx',
    'nginx@sha256:abc',
    'Uptimed',
    '-y',
    'a',
    'uptimed:-x',
    'uptimed:=1',
    'uptimed=1',
    'uptimed uptimed',
    'uptimed\n',
    '../uptimed',
    'exec:uptimed',
    'exec:/usr/../bin/sh',
    'exec:/usr/bin/',
    'exec:/usr//bin/sh',
    'exec:/bin/sh -c x',
    'exec:/bin/%i',
    'exec:/bin/$x',
  ])('%j is none', (text) => {
    expect(imageOf(text)).toBeUndefined()
  })

  test('whatever it is called, apt gets one word that is no option', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab1-+.:/~= $%\n') }))
    fc.assert(
      fc.property(texts, (text) => {
        const image = imageOf(text)
        if (image?.kind === 'package') expect(aptName(image)).toMatch(/^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+~:-]+)?$/)
        if (image?.kind === 'program') expect(image.path).toMatch(/^(\/[\w+@.,-]+)+$/)
      }),
    )
    expect(aptName({ kind: 'package', name: 'uptimed', version: '0.4.6-1' })).toBe('uptimed=0.4.6-1')
  })
})

describe('the allow-list', () => {
  const list: AllowList = {
    packages: ['uptimed', 'postgresql-*', 'lib.x'],
    repositories: ['debian'],
    programs: ['/usr/bin/*', '/opt/a'],
  }
  const why = (text: string) => whyNotAllowed(imageOf(text) ?? expect.unreachable(text), list)

  test.each(['uptimed', 'debian/uptimed:1', 'postgresql-15', 'exec:/usr/bin/env', 'exec:/opt/a'])(
    'allows %s',
    (text) => {
      expect(why(text)).toBeUndefined()
    },
  )

  test.each([
    ['uptimed2', 'the inventory does not allow the package uptimed2 on this host'],
    ['libax', 'the inventory does not allow the package libax on this host'],
    ['other/uptimed', 'the inventory has no repository other for this host'],
    ['exec:/usr/bin/x/y', 'the inventory does not allow the program /usr/bin/x/y on this host'],
    ['exec:/bin/sh', 'the inventory does not allow the program /bin/sh on this host'],
  ])('refuses %s', (text, expected) => {
    expect(why(text)).toBe(expected)
  })

  test('an empty one allows nothing', () => {
    const empty: AllowList = { packages: [], repositories: [], programs: [] }
    expect(whyNotAllowed({ kind: 'package', name: 'uptimed' }, empty)).toBeDefined()
    expect(whyNotAllowed({ kind: 'program', path: '/bin/true' }, empty)).toBeDefined()
  })
})
