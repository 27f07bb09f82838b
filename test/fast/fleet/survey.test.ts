import { expect, test } from 'vitest'
import { k3sAccess, k3sPast, k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import { Fleet } from '../../../src/fleet/fleet.ts'
import type { SshPublicKey } from '../../../src/model/brands.ts'
import { connect } from '../../../src/ssh/connect.ts'
import { type Answer, ending, fakeKeys, hostile, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { factsAnswer } from '../../support/samples/facts-answer.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const honest: Answer = (channel) => {
  channel.write(`keel:ready\n${factsAnswer()}`)
  ending(channel)
}

const says =
  (facts: string, exitCode = 0, stderr = ''): Answer =>
  (channel) => {
    channel.write(`keel:ready\n${facts}`)
    channel.stderr.write(stderr)
    ending(channel, exitCode)
  }

const questions = {
  kind: 'files' as const,
  paths: [],
  credentials: [],
  units: ['k3s.service'] as const,
  parts: {},
  node: 'x',
  access: k3sAccess,
  past: k3sPast,
  places: k3sPlaces,
}

test.each([
  { name: 'flood', answer: hostile.flood, code: 'ssh-garbled' },
  { name: 'big', answer: hostile.big, code: 'ssh-garbled' },
  { name: 'noise', answer: hostile.noise, code: 'ssh-garbled' },
  { name: 'garbage', answer: hostile.garbage, code: 'facts-garbled' },
  { name: 'nothing', answer: hostile.nothing, code: 'facts-garbled' },
  { name: 'escapes', answer: says(factsAnswer({ generation: 'owned\t/etc/\u001b[2J\n' })), code: 'facts-garbled' },
  { name: 'stderr', answer: says('', 3, 'a\u001b]52;c;AAAA\u0007\nkeel: forged line\n'), code: 'probe-failed' },
])('attack 6: $name: the host fails alone, the others are asked', async ({ answer, code }) => {
  await using bad = await startFakeSshHost(answer)
  await using good = await startFakeSshHost(honest)
  const hosts = { bad, good }
  const asked = (['bad', 'good'] as const).map((name) => {
    const { address, hostKey } = hosts[name].target()
    return sampleHost({ name, address, hostKey: hostKey as SshPublicKey })
  })
  const fleet = new Fleet({ questions: () => questions, connect: (target) => connect(target, { keys: fakeKeys }) })
  const { seen, faults } = await fleet.ask(asked)
  expect(faults).toMatchObject([{ code, at: 'bad' }])
  expect(seen).toMatchObject([{ host: { name: 'good' }, facts: { system: { id: 'debian' } } }])
  await fleet.close()
})
