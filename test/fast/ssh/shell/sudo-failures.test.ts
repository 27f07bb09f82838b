import { expect, test } from 'vitest'
import { needsPassword, sudoFailure } from '../../../../src/ssh/shell/sudo-failures.ts'
import type { SshTarget } from '../../../../src/ssh/transport.ts'

const target = {
  name: 'maia',
  address: { user: 'me', host: '::1', port: 2222 },
  hostKey: 'ssh-ed25519 AAAA' as SshTarget['hostKey'],
}

// sudo 1.9.13's words
test.each([
  { code: 'sudo-password-needed', stderr: 'sudo: a password is required\n', asks: true },
  { code: 'sudo-refused', stderr: 'sudo: something new\n', asks: true },
  { code: 'sudo-missing', stderr: 'env: ‘sudo’: No such file or directory\n', exitCode: 127, asks: false },
  { code: 'sudo-requiretty', stderr: 'sudo: sorry, you must have a tty to run sudo\n', asks: false },
  { code: 'sudo-forbidden', stderr: 'me is not in the sudoers file.\n', asks: false },
  {
    code: 'sudo-forbidden',
    stderr: "Sorry, user me is not allowed to execute '/usr/bin/bash' as root on maia.\n",
    asks: false,
  },
  { code: 'sudo-password', stderr: 'Sorry, try again.\n', askedAgain: true, asks: false },
  { code: 'sudo-password', stderr: 'sudo: 1 incorrect password attempt\n', asks: false },
])('$code: $stderr', ({ code, stderr, exitCode = 1, askedAgain = false, asks }) => {
  const shell = { exitCode, stderr, noise: '', askedAgain }
  expect(sudoFailure(target, shell)).toMatchObject({
    code,
    exit: 1,
    at: 'maia',
    found: expect.stringContaining('me@[::1]:2222'),
  })
  expect(needsPassword(shell)).toBe(asks)
})
