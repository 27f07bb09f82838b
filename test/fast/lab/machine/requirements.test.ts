import { expect, test } from 'vitest'
import { checkMachine } from '../../../../src/lab/machine/requirements.ts'

const everything = () => true

test.each([
  {
    promise: 'another system',
    machine: { platform: 'darwin', uid: 501, has: everything },
    says: ['darwin', 'Linux virtual machine'],
  },
  {
    promise: 'not root',
    machine: { platform: 'linux', uid: 1000, has: everything },
    says: ['root', 'do:  run it again as root'],
  },
  {
    promise: 'programs, each package once',
    machine: {
      platform: 'linux',
      uid: 0,
      has: (program: string) => !['systemd-nspawn', 'flock', 'unshare'].includes(program),
    },
    says: ['systemd-nspawn, flock, unshare', '`apt-get install -y systemd-container util-linux`'],
  },
  {
    promise: 'both at once',
    machine: { platform: 'linux', uid: 1000, has: (program: string) => program !== 'mmdebstrap' },
    says: ['root, mmdebstrap', '`sudo apt-get install -y mmdebstrap`, then run it again as root'],
  },
])('a machine lacks $promise: one error says so and what to do', ({ machine, says }) => {
  for (const text of says) expect(() => checkMachine(machine)).toThrow(text)
  expect(() => checkMachine(machine)).toThrow(expect.objectContaining({ code: 'lab-machine', exit: 2 }))
})

test('a machine that has everything is taken', () => {
  expect(() => checkMachine({ platform: 'linux', uid: 0, has: everything })).not.toThrow()
})
