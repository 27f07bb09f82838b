import { expect, test } from 'vitest'
import { describeNextSteps, type Made } from '../../../src/commands/init/next-steps.ts'
import { parseSshPublicKey } from '../../../src/model/keys/ssh-key.ts'
import { parseHostName } from '../../../src/model/names.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

const hostKey = parseSshPublicKey(newKey('ssh-ed25519').recipient)
const made: Made = {
  folder: '',
  hosts: [],
  isPinned: false,
  isFromAgenix: false,
  distribution: { kind: 'k3s', version: 'v1.36.3+k3s1' },
}
const hostOf = (name: string, firstServer: boolean) => {
  const without = { name: parseHostName(name), firstServer }
  return { without, ready: { ...without, hostKey } }
}
const [ocean, maia] = [hostOf('ocean', true), hostOf('maia', false)]
const pinAndCommit = ['keel pin', 'git init && git add . && git commit']
const deploy = ['keel plan', 'keel deploy']

test.each<[string, Partial<Made>, readonly string[]]>([
  ['hosts that run', { hosts: [ocean.ready, maia.ready] }, [...pinAndCommit, ...deploy]],
  [
    'an inventory in another folder',
    { folder: 'my cluster', hosts: [ocean.ready] },
    ["cd 'my cluster'", ...pinAndCommit, ...deploy],
  ],
  ['a lab, whose k3s is pinned', { hosts: [ocean.ready], isPinned: true }, [...pinAndCommit.slice(1), ...deploy]],
  [
    'a cluster of kubeadm',
    { hosts: [ocean.ready], distribution: { kind: 'kubeadm', version: 'v1.36.3' } },
    ['keel sysext build kubernetes v1.36.3', ...pinAndCommit.slice(1), ...deploy],
  ],
  ['a first server without a key', { hosts: [ocean.without] }, [...pinAndCommit, 'keel add-node ocean']],
  [
    'a first server without a key, and an agent',
    { hosts: [ocean.without, maia.ready] },
    [...pinAndCommit, 'keel add-node ocean', ...deploy],
  ],
  [
    'an agent without a key, which joins when the server runs',
    { hosts: [maia.without, ocean.ready] },
    [...pinAndCommit, ...deploy, 'keel add-node maia'],
  ],
  [
    'no host with a key',
    { hosts: [maia.without, ocean.without] },
    [...pinAndCommit, 'keel add-node ocean', 'keel add-node maia'],
  ],
  [
    'a repository of agenix, which is in git',
    { hosts: [ocean.ready], isFromAgenix: true },
    ['keel rekey --check', 'keel rekey', 'keel pin', 'keel plan'],
  ],
])('%s', (_what, partial, commands) => {
  const [title, ...lines] = describeNextSteps({ ...made, ...partial }).split('\n')
  expect(title).toBe('Next:')
  expect(lines.map((line) => line.replace(/ +#.*/, '').trim())).toEqual(commands)
})

test('no line is wider than a terminal of 80 columns', () => {
  const text = describeNextSteps({ ...made, hosts: [maia.ready, ocean.without] })
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
})
