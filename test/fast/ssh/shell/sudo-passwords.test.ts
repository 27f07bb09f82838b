import { expect, test } from 'vitest'
import { sudoPasswords } from '../../../../src/ssh/shell/sudo-passwords.ts'
import type { SshTarget } from '../../../../src/ssh/transport.ts'

const host = (name: string, user: string): SshTarget => ({
  name,
  address: { user, host: name, port: 22 },
  hostKey: 'ssh-ed25519 AAAA' as SshTarget['hostKey'],
})

test('attack 15: the one question names every host that may be given the password', async () => {
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return 'secret'
  }
  const hosts = [host('ocean', 'ada'), host('maia', 'ada'), host('luna', 'root'), host('nova', 'bob')]
  const password = sudoPasswords({ env: {}, ask }, hosts)
  const answers = await Promise.all(hosts.slice(0, 2).map((target) => password(target)))
  expect(answers).toEqual(['secret', 'secret'])
  await password(host('nova', 'bob'))
  expect(questions).toEqual([
    'sudo password of ada on ocean (given also to maia where sudo asks for it): ',
    'sudo password of bob on nova: ',
  ])
})
