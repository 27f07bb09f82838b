import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HostExit } from '../../../src/deploy/host/host-script.ts'
import { proveSystem } from '../../../src/deploy/nixos/scripts.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import { makeKey } from '../../support/hosts/ssh-host.ts'

/**
 * What a host checks of a system that was built for it, run by bash on the forms that systems have, with a real age.
 */
const root = mkdtempSync(join(tmpdir(), 'keel-nixos-prove-'))
afterAll(() => rmSync(root, { recursive: true }))
const key = join(root, 'host_key')
const at = (path: string) => join(root, path)
const write = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
beforeAll(() => {
  makeKey(key, 'ed25519')
  makeKey(at('other_key'), 'ed25519')
  for (const [name, reader] of [
    ['mine', key],
    ['theirs', at('other_key')],
  ] as const) {
    mkdirSync(at('keel/staged/0123456789abcdef/source/secrets'), { recursive: true })
    const file = at(`keel/staged/0123456789abcdef/source/secrets/${name}.age`)
    execFileSync('age', ['-R', `${reader}.pub`, '-o', file], { input: 'a value' })
  }
})

/** Since 2024, with a loop over the identities; before, with each as an argument (modules/age.nix). */
const loop = `    for identity in ${key} /nowhere; do
      test -r "$identity" || continue
    done
      LANG=C /usr/bin/age --decrypt "\${IDENTITIES[@]}" -o "$TMP_FILE" "/nix/store/x-mine.age"
`
const words = `LANG=en_US.UTF-8 /usr/bin/age --decrypt -i /nowhere -i ${key} -o "$TMP_FILE" "/nix/store/x-mine.age"\n`
const unit = (name: string) => `[Service]
ExecStart=/nix/store/k3s/bin/k3s agent --node-name=${name} \\
 --token-file /run/agenix/mine
RuntimeDirectory=keel-k3s
`
const activate = (text: string) => ({ activate: text, 'etc/systemd/system/k3s.service': unit('maia') })

it.each<[string, Readonly<Record<string, string>>, string, number, RegExp]>([
  ['as agenix decrypts', activate(loop), 'mine', 0, /^$/],
  ['as agenix decrypted before 2024', activate(words), 'mine', 0, /^$/],
  [
    'as agenix decrypts in a service',
    {
      ...activate('# nothing of agenix\n'),
      'etc/systemd/system/agenix-install-secrets.service': `[Service]\nExecStart=${at('install')}\n`,
      '../install': loop,
    },
    'mine',
    0,
    /^$/,
  ],
  ['a secret of somebody else', activate(loop), 'theirs', HostExit.CannotDecryptSecret, /^theirs\n$/],
  ['no identity there', activate(loop.replace(key, '/nowhere')), 'mine', HostExit.CannotDecryptSecret, /^mine\n$/],
  ['without agenix', activate(''), 'mine', HostExit.CannotDecryptSecret, /^mine\n$/],
  ['a system without k3s', { activate: loop }, 'mine', HostExit.NotImported, /^$/],
  [
    'k3s without keel’s module',
    { activate: loop, 'etc/systemd/system/k3s.service': unit('maia').replace('keel-k3s', 'k3s') },
    'mine',
    HostExit.NotImported,
    /^$/,
  ],
  [
    'another host’s module',
    { activate: loop, 'etc/systemd/system/k3s.service': unit('maia-2') },
    'mine',
    HostExit.NotImported,
    /^$/,
  ],
])('a system %s', (_, files, secret, status, stderr) => {
  rmSync(at('system'), { recursive: true, force: true })
  rmSync(at('keel/staged/0123456789abcdef/proven'), { force: true })
  mkdirSync(at('system'))
  for (const [path, text] of Object.entries(files)) write(`system/${path}`, text)
  const script = [
    'set -eu',
    `system=${at('system')}`,
    ...proveSystem({ id: '0123456789abcdef', host: 'maia', rendered: { secrets: [secret as SecretName] } }),
  ]
  const result = spawnSync('bash', ['-s'], {
    input: script.join('\n').replaceAll('/var/lib/keel', at('keel')),
    encoding: 'utf8',
  })
  expect([result.status, result.stderr]).toEqual([status, expect.stringMatching(stderr)])
  if (status === 0) expect(readlinkSync(at('keel/staged/0123456789abcdef/proven'))).toBe(at('system'))
})
