import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SshPublicKey } from '../../../src/model/brands.ts'
import { knownHost, sshArguments } from '../../../src/ssh/openssh/arguments.ts'
import { rootCommand } from '../../../src/ssh/openssh/root-command.ts'

const target = {
  name: 'maia',
  address: { user: 'ada', host: '2001:db8::1', port: 2222 },
  hostKey: 'ssh-ed25519 AAAA' as SshPublicKey,
}
const session = {
  identities: ['/home/ada/key'],
  knownHosts: '/tmp/100%/known_hosts',
  terminal: false,
}

test('ssh gets host, port and user as the inventory has them, and one file of known hosts', () => {
  const argv = sshArguments(target, { ...session, command: 'true' })
  expect(argv.slice(-9)).toEqual(
    ['-i', '/home/ada/key', '-T', '-l', 'ada', '-p', '2222', '--', '2001:db8::1', 'true'].slice(-9),
  )
  expect(argv).toContain('UserKnownHostsFile="/tmp/100%%/known_hosts"')
  expect(argv).toContain('HostKeyAlias=keel-maia')
  expect(knownHost(target)).toBe('keel-maia ssh-ed25519 AAAA\n')
})

test('attack 1: a host proves itself by its key alone, not by Kerberos', () => {
  const argv = sshArguments(target, session)
  expect(argv).toContain('GSSAPIKeyExchange=no')
  expect(argv).toContain('GSSAPIDelegateCredentials=no')
})

test.each([
  [true, '-t'],
  [false, '-T'],
])('a terminal there: %s', (terminal, option) => {
  expect(sshArguments(target, { ...session, terminal })).toContain(option)
})

/** What the login user's shell would start, with this machine's bash for root's. */
const started = (command: string, shell: string) =>
  execFileSync(shell, ['-c', command.replace(/sudo -- /, '')], { encoding: 'utf8', env: { EVIL: '1' } })

test('a script runs as it is, whatever it holds, in a clean environment (property)', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (text) => {
        const script = `printf %s '${text.replaceAll("'", "'\\''")}'; printf %s "\${EVIL-}"`
        for (const user of ['root', 'ada']) expect(started(rootCommand({ user }, script), '/bin/sh')).toBe(text)
      },
    ),
    { numRuns: 10 },
  )
})

test.each([
  ['xterm-256color', 'xterm-256color'],
  [undefined, 'dumb'],
  ['', 'dumb'],
  ['x; reboot', 'dumb'],
  ['$(reboot)', 'dumb'],
])('the terminal %j is called %s there', (term, expected) => {
  expect(started(rootCommand({ user: 'root' }, 'echo $TERM', term), '/bin/sh')).toBe(`${expected}\n`)
})

test('root needs no sudo, every other user does', () => {
  expect(rootCommand({ user: 'root' }, 'true')).not.toContain('sudo')
  expect(rootCommand({ user: 'ada' }, 'true')).toMatch(/^exec \/usr\/bin\/env -i PATH=\S+ TERM=dumb sudo -- bash /)
})
