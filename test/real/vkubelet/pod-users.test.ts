import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'

/** The real systemd-sysusers and userdel, on a copy of /etc. That systemd runs two units of such a user, the lab shows. */
const setUp = `mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
exec "$0" "$@"`

interface Said {
  readonly entries: readonly string[]
  readonly ofPods: readonly number[]
  readonly left: readonly string[]
  readonly again: string
}

let said: Said
beforeAll(async () => {
  const child = new URL('pod-users-child.ts', import.meta.url).pathname
  const args = ['--mount', '--propagation', 'private', 'bash', '-euc', setUp]
  const { stdout } = await execa('unshare', [...args, process.execPath, '--no-warnings', child], { stdin: 'ignore' })
  said = JSON.parse(stdout)
})

test('a number gets one entry, with the group of the same number, also where that is another one', () => {
  expect(said.entries.map((line) => line.split(':').slice(0, 4).join(':'))).toEqual([
    'keel-pod-54321:x:54321:54321',
    'keel-pod-54322:x:54322:54322',
  ])
  expect(said.ofPods).toEqual([54_321, 54_322])
})

test('goes without a trace, and once', () => {
  expect(said.left).toEqual([])
  expect(said.again).toBe('refused')
})
