import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AllowList, whyNotAllowed } from '../../../src/vkubelet/images/allow-list.ts'
import { aptMessage } from '../../../src/vkubelet/images/apt-message.ts'
import { type AptPolicy, aptPolicy } from '../../../src/vkubelet/images/apt-policy.ts'
import { installWords, policyWords, updateWords } from '../../../src/vkubelet/images/apt-words.ts'
import { chooseVersion } from '../../../src/vkubelet/images/choose-version.ts'
import { defaultCommand, mainUnit, unitsOfPackage } from '../../../src/vkubelet/images/default-command.ts'
import { imageOf } from '../../../src/vkubelet/images/image-name.ts'
import { failedPull, needOf, type PullPolicy, waitingFor } from '../../../src/vkubelet/images/pull.ts'

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

  test('whatever it is called, apt gets one word that is no option and no removal', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab1-+.:/~= $%\n') }))
    fc.assert(
      fc.property(texts, (text) => {
        const image = imageOf(text)
        if (image?.kind === 'package') {
          const { name, version = '1' } = image
          const words = installWords(undefined, { name, version, isDowngrade: false })
          expect(words.at(-2)).toBe('--')
          expect(words.at(-1)).toMatch(/^[a-z0-9][a-z0-9+.-]+=[A-Za-z0-9.+~:-]+$/)
        }
        if (image?.kind === 'program') expect(image.path).toMatch(/^(\/[\w+@.,-]+)+$/)
      }),
    )
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
    ['uptimed2', 'the inventory does not allow the package uptimed2 on this host: name it in systemdKubelet.packages'],
    ['libax', 'the inventory does not allow the package libax on this host: name it in systemdKubelet.packages'],
    ['other/uptimed', 'the inventory has no repository other for this host: add it to systemdKubelet.repositories'],
    [
      'exec:/usr/bin/x/y',
      'the inventory does not allow the program /usr/bin/x/y on this host: name it in systemdKubelet.programs',
    ],
    [
      'exec:/bin/sh',
      'the inventory does not allow the program /bin/sh on this host: name it in systemdKubelet.programs',
    ],
  ])('refuses %s', (text, expected) => {
    expect(why(text)).toBe(expected)
  })

  test('an empty one allows nothing', () => {
    const empty: AllowList = { packages: [], repositories: [], programs: [] }
    expect(whyNotAllowed({ kind: 'package', name: 'uptimed' }, empty)).toBeDefined()
    expect(whyNotAllowed({ kind: 'program', path: '/bin/true' }, empty)).toBeDefined()
  })
})

// as apt 2.6 prints it
const POLICY = `uptimed:
  Installed: 1:0.4.4-1
  Candidate: 1:0.4.6-1+own1
  Version table:
     1:0.4.6-1+own1 500
        500 https://packages.example/debian bookworm/main amd64 Packages
     1:0.4.6-1 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
        500 http://security.debian.org/debian-security bookworm-security/main amd64 Packages
 *** 1:0.4.4-1 100
        100 /var/lib/dpkg/status
     1:0.4.2-1 -1 (phased 10%)
         -1 https://packages.example/debian bookworm/main amd64 Packages
        500 http://deb.debian.org/debian bullseye/main amd64 Packages
`

describe('what apt knows', () => {
  test('is read from its policy', () => {
    expect(aptPolicy(POLICY, 'uptimed')).toEqual({
      installed: '1:0.4.4-1',
      candidate: '1:0.4.6-1+own1',
      offers: [
        { version: '1:0.4.6-1+own1', uris: ['https://packages.example/debian'] },
        { version: '1:0.4.6-1', uris: ['http://deb.debian.org/debian', 'http://security.debian.org/debian-security'] },
        { version: '1:0.4.4-1', uris: [] },
        { version: '1:0.4.2-1', uris: ['https://packages.example/debian', 'http://deb.debian.org/debian'] },
      ],
    })
  })

  test.each<[string, AptPolicy | undefined]>([
    ['', undefined],
    ['N: Unable to locate package uptimed\n', undefined],
    ['other:\n  Installed: 1\n', undefined],
    ['uptimed:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n', { offers: [] }],
  ])('%j', (text, expected) => {
    expect(aptPolicy(text, 'uptimed')).toEqual(expected)
  })
})

describe('the version of an image', () => {
  const repositories = [{ name: 'own', uris: ['https://packages.example/debian/'] }]
  const chosen = (text: string, policy: string | undefined = POLICY) => {
    const image = imageOf(text)
    if (image?.kind !== 'package') return expect.unreachable(text)
    const choice = chooseVersion(image, policy === undefined ? undefined : aptPolicy(policy, image.name), repositories)
    return choice.kind === 'version' ? choice.version : choice.message
  }

  test.each([
    ['uptimed', '1:0.4.6-1+own1'],
    ['uptimed:latest', '1:0.4.6-1+own1'],
    ['uptimed:1:0.4.4-1', '1:0.4.4-1'],
    ['own/uptimed', '1:0.4.6-1+own1'],
    ['debian/uptimed', '1:0.4.6-1'],
    ['debian/uptimed:1:0.4.6-1', '1:0.4.6-1'],
    ['uptimed:9', 'no repository has version 9 of uptimed, only 1:0.4.6-1+own1, 1:0.4.6-1, 1:0.4.4-1'],
    ['own/uptimed:1:0.4.6-1', 'the repository own does not have uptimed 1:0.4.6-1'],
    ['debian/uptimed:1:0.4.4-1', 'the repository debian does not have uptimed 1:0.4.4-1'],
    ['own/uptimed:1:0.4.2-1', 'uptimed 1:0.4.2-1 is in own and in debian, and apt does not tell them apart'],
    // for apt-get, a name with a dash at its end means to remove the package
    ['uptimed-', 'no repository has a package uptimed-'],
    ['uptimed.*', undefined],
  ])('%s: %s', (text, expected) => {
    if (expected === undefined) expect(imageOf(text)).toBeUndefined()
    else expect(chosen(text)).toBe(expected)
  })
})

describe('the words of apt', () => {
  const folders = { sources: '/run/x/sources', logins: '/run/x/logins' }

  test('an update of one source keeps the lists of the others, and fails if it fails', () => {
    const words = updateWords(folders, '/etc/keel/vkubelet/own.sources')
    expect(words.slice(0, 2)).toEqual(['apt-get', '-q'])
    expect(words.at(-1)).toBe('update')
    // the last one of an option counts
    expect(words.filter((word) => word.startsWith('Dir::Etc::source')).slice(-2)).toEqual([
      'Dir::Etc::sourcelist=/etc/keel/vkubelet/own.sources',
      'Dir::Etc::sourceparts=-',
    ])
    expect(words).toContain('APT::Get::List-Cleanup=0')
    expect(words).toContain('APT::Update::Error-Mode=any')
    expect(words).toContain('Dir::Etc::netrcparts=/run/x/logins')
  })

  test('without repositories in the inventory, apt reads what the host has', () => {
    for (const words of [updateWords(undefined), policyWords(undefined, 'x')])
      expect(words.join(' ')).not.toContain('Dir::Etc')
  })

  test('an installation removes nothing, and takes an older version only if the image names it', () => {
    const words = (isDowngrade: boolean) => installWords(folders, { name: 'uptimed', version: '1', isDowngrade })
    expect(words(false)).toContain('--no-remove')
    expect(words(false)).not.toContain('--allow-downgrades')
    expect(words(true)).toContain('--allow-downgrades')
  })
})

describe('the message of apt', () => {
  test.each([
    ['Reading package lists...\nE: Unable to locate package x\n', 100, 'E: Unable to locate package x'],
    ['W: only a warning\n', 0, 'W: only a warning'],
    [
      'W: first\nE: the error\ndpkg: error processing package x\n',
      100,
      'E: the error dpkg: error processing package x',
    ],
    [
      'dpkg: error processing archive x.deb (--unpack):\n cannot copy extracted data (No space left on device)\nE: the error\n',
      100,
      'dpkg: error processing archive x.deb (--unpack): cannot copy extracted data (No space left on device) E: the error',
    ],
    ['something else\nat the end\n', 1, 'at the end'],
    ['', 100, 'apt ended with status 100'],
    ['', undefined, 'apt took too long'],
    ['E: a\u001b[31mb\u0007\n', 1, 'E: a?[31mb?'],
  ])('%j', (stderr, status, expected) => {
    expect(aptMessage(stderr, status, [])).toBe(expected)
  })

  test('has no secret in it, in no form, and no login of a URL', () => {
    const secret = 'pa ss/word+1'
    const text = `E: ${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')} https://ada:other@p.example/x`
    expect(aptMessage(text, 1, [secret])).toBe('E: *** *** *** https://***@p.example/x')
  })

  test('fits into an Event', () => {
    expect(Buffer.byteLength(aptMessage(`E: ${'x'.repeat(5000)}`, 1, []))).toBeLessThan(1024)
  })
})

describe('what a package runs', () => {
  test('is in its own unit', () => {
    const files = '/.\n/usr\n/lib/systemd/system/uptimed.service\n/usr/lib/systemd/system/x.timer\n/etc/x.service\n'
    expect(unitsOfPackage(files)).toEqual(['uptimed.service', 'x.timer'])
  })

  test.each<[string, readonly string[], string | undefined]>([
    ['the one with its name', ['a.service', 'uptimed.service'], 'uptimed.service'],
    ['the only one', ['a.service', 'a.timer', 'b@.service'], 'a.service'],
    ['none of several', ['a.service', 'b.service'], undefined],
    ['none', ['a.timer'], undefined],
  ])('%s', (_what, units, expected) => {
    expect(mainUnit('uptimed', units)).toBe(expected)
  })

  const command = (text: string) => {
    const found = defaultCommand('x.service', text)
    return found.kind === 'command' ? found.words : found.message
  }

  test.each<[string, readonly string[] | string]>([
    ['ExecStart=/usr/sbin/uptimed -f', ['/usr/sbin/uptimed', '-f']],
    ['[Service]\nExecStart = -+/bin/x  "a b"  c\'d e\'\n', ['/bin/x', 'a b', 'cd e']],
    ['ExecStart=/bin/x \\\n  -a \\\n  -b', ['/bin/x', '-a', '-b']],
    ['ExecStart=/bin/old\nExecStart=\nExecStart=/bin/new', ['/bin/new']],
    [`Environment=A=1 "B=2 3"\nExecStart=/bin/x $A $B \${B} $NONE x$$y`, ['/bin/x', '1', '2', '3', '2 3', 'x$y']],
    ['ExecStart=/bin/x 100%%', ['/bin/x', '100%']],
    ['ExecStartPre=/bin/y', 'x.service has no ExecStart: set `command` in the Pod'],
    ['ExecStart=/bin/a\nExecStart=/bin/b', 'x.service has several commands: set `command` in the Pod'],
    ['ExecStart=/bin/a ; /bin/b', 'keel cannot read the command of x.service: set `command` in the Pod'],
    ['ExecStart=/bin/a "b', 'keel cannot read the command of x.service: set `command` in the Pod'],
    ['ExecStart=/bin/a \\x41', 'keel cannot read the command of x.service: set `command` in the Pod'],
    ['ExecStart=/bin/a %i', 'the command of x.service needs systemd to be read: set `command` in the Pod'],
    ['ExecStart=uptimed', 'the command of x.service needs systemd to be read: set `command` in the Pod'],
  ])('%j', (text, expected) => {
    expect(command(text)).toEqual(expected)
  })
})

describe('imagePullPolicy', () => {
  test.each<[PullPolicy, string | undefined, string | undefined, boolean, ReturnType<typeof needOf>]>([
    ['Never', undefined, undefined, false, 'missing'],
    ['Never', undefined, '1', false, 'nothing'],
    ['Never', '2', '1', false, 'missing'],
    ['IfNotPresent', undefined, undefined, false, 'install'],
    ['IfNotPresent', undefined, '1', false, 'nothing'],
    ['IfNotPresent', '2', '1', false, 'install'],
    ['Always', undefined, '1', false, 'install'],
    ['Always', undefined, '1', true, 'nothing'],
    ['Always', undefined, undefined, true, 'install'],
    ['Always', '1', '1', false, 'nothing'],
    ['Always', '2', '1', true, 'install'],
  ])('%s, the image has %s, the host %s, looked for: %s', (policy, version, installed, isLooked, expected) => {
    expect(needOf(version === undefined ? {} : { version }, policy, installed, isLooked)).toBe(expected)
  })

  test('pauses grow from ten seconds to five minutes', () => {
    const pauses: number[] = []
    let failed = failedPull(undefined, 'x', 0)
    for (let count = 0; count < 8; count += 1) {
      pauses.push((failed.next - failed.at) / 1000)
      failed = failedPull(failed, 'x', failed.next)
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300, 300])
  })

  test('the error comes first, then the pause with the same reason in it', () => {
    const failed = failedPull(undefined, 'E: x', 1_000)
    expect(waitingFor('uptimed', failed, 2_000)).toEqual({ kind: 'waiting', reason: 'ErrImagePull', message: 'E: x' })
    expect(waitingFor('uptimed', failed, 9_000)).toEqual({
      kind: 'waiting',
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "uptimed": E: x',
    })
  })
})
