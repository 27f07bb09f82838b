import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AskedImage, HostImages, type ImageEvent } from '../../../src/vkubelet/apt/host-images.ts'
import { InstallError } from '../../../src/vkubelet/apt/packages.ts'
import type { PackageImage } from '../../../src/vkubelet/images/image-name.ts'

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

/** A host whose apt installs what it is told to, one thing at a time, when the test says so. */
function host(installed: Record<string, string> = {}) {
  const done: string[] = []
  let finish: (error?: Error) => void = () => {}
  let now = 0
  const images = new HostImages({
    allow: { packages: ['uptimed', 'other'], repositories: ['debian'], programs: ['/bin/true', '/bin/none'] },
    packages: {
      installed: async (name: string) => installed[name],
      install: ({ name, version = '2' }: PackageImage) =>
        new Promise<void>((resolve, reject) => {
          now += 1
          done.push(`${name} ${now}`)
          finish = (error) => {
            now -= 1
            if (error !== undefined) return reject(error)
            installed[name] = version
            resolve()
          }
        }),
      commandOf: async (name: string) => ({ kind: 'command', words: [`/usr/sbin/${name}`, '-f'] }) as const,
    },
    log: silent,
    changed: () => {},
  })
  const events: ImageEvent[] = []
  const find = (image: string, over: Partial<AskedImage> = {}, key = 'uid/main') =>
    images.find(key, { image, pullPolicy: 'IfNotPresent', hasCommand: false, ...over }, (event) => events.push(event))
  const end = async (error?: Error) => {
    await vi.advanceTimersByTimeAsync(0)
    finish(error)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { images, find, end, done, events, installed }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('an image of a host', () => {
  test.each<[string, string, Partial<AskedImage>, object]>([
    ['is what the package itself runs', 'uptimed', {}, { kind: 'ready', program: ['/usr/sbin/uptimed', '-f'] }],
    ['may be left to the Pod', 'uptimed', { hasCommand: true }, { kind: 'ready', program: [] }],
    ['may be a program', 'exec:/bin/true', {}, { kind: 'ready', program: ['/bin/true'] }],
    ['may be no program', 'exec:/bin/none', {}, { reason: 'ErrImageNeverPull' }],
    ['may be none', 'docker.io/library/nginx', {}, { reason: 'InvalidImageName' }],
    ['may be hostile', '-o=APT::Update::Pre-Invoke::=sh', {}, { reason: 'InvalidImageName' }],
    ['may be forbidden', 'bash', {}, { reason: 'ErrImagePull' }],
    ['may be of a repository that is not there', 'own/uptimed', {}, { reason: 'ErrImagePull' }],
    ['may be missing, and stays so', 'other', { pullPolicy: 'Never' }, { reason: 'ErrImageNeverPull' }],
  ])('%s: %s', async (_what, image, over, expected) => {
    const { find, done } = host({ uptimed: '1' })
    expect(await find(image, over)).toMatchObject(expected)
    await vi.advanceTimersByTimeAsync(0)
    expect(done).toEqual([])
  })

  test('is installed in the background, once for all that wait for it', async () => {
    const { find, end, done, events } = host()
    for (const key of ['a/main', 'b/main'])
      expect(await find('other', {}, key)).toMatchObject({ reason: 'ContainerCreating', message: 'installing other' })
    await end()
    expect(done).toEqual(['other 1'])
    expect(await find('other', {}, 'b/main')).toMatchObject({ kind: 'ready' })
    expect(events.map(({ reason }) => reason)).toEqual(['Pulling', 'Pulled'])
  })

  test('is installed after the one before it, never beside it', async () => {
    const { find, end, done } = host()
    await find('other')
    await find('uptimed')
    await end()
    await end()
    // the number of installations that run
    expect(done).toEqual(['other 1', 'uptimed 1'])
  })

  test('that fails says so, pauses, and is tried again', async () => {
    const { find, end, done, events } = host()
    await find('other')
    await end(new InstallError('E: no such mirror'))
    expect(await find('other')).toMatchObject({ reason: 'ErrImagePull', message: 'E: no such mirror' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await find('other')).toMatchObject({ reason: 'ImagePullBackOff' })
    expect(events.at(-1)).toEqual({
      type: 'Warning',
      reason: 'Failed',
      message: 'Failed to install "other": E: no such mirror',
    })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await find('other')).toMatchObject({ reason: 'ContainerCreating' })
    await end()
    expect(done).toHaveLength(2)
  })

  test('an error that keel does not know is not told', async () => {
    const { find, end } = host()
    await find('other')
    await end(new Error('hunter2'))
    expect(JSON.stringify(await find('other'))).not.toContain('hunter2')
  })

  test('with Always is looked for once, not at each restart of its container', async () => {
    const { find, end, done } = host({ uptimed: '1' })
    expect(await find('uptimed', { pullPolicy: 'Always' })).toMatchObject({ kind: 'waiting' })
    await end()
    for (const minutes of [0, 1, 60]) {
      await vi.advanceTimersByTimeAsync(minutes * 60_000)
      expect(await find('uptimed', { pullPolicy: 'Always' })).toMatchObject({ kind: 'ready' })
    }
    expect(done).toHaveLength(1)
    // another Pod, later
    expect(await find('uptimed', { pullPolicy: 'Always' }, 'b/main')).toMatchObject({ kind: 'waiting' })
  })

  test('in another version than that of another Pod is refused, until that one is gone', async () => {
    const { images, find } = host({ uptimed: '1' })
    expect(await find('uptimed:1', {}, 'a/main')).toMatchObject({ kind: 'ready' })
    expect(await find('uptimed:2', {}, 'b/main')).toMatchObject({
      reason: 'ErrImagePull',
      message: 'another Pod on this host has version 1 of uptimed',
    })
    images.forget((key) => key !== 'a/main')
    expect(await find('uptimed:2', {}, 'b/main')).toMatchObject({ reason: 'ContainerCreating' })
  })

  test('that can’t be had keeps nobody from another version', async () => {
    const { find, end } = host({ uptimed: '1' })
    expect(await find('uptimed:9', {}, 'evil/main')).toMatchObject({ reason: 'ContainerCreating' })
    expect(await find('uptimed:1', {}, 'a/main')).toMatchObject({ reason: 'ErrImagePull' })
    await end(new InstallError('no repository has version 9 of uptimed'))
    expect(await find('uptimed:9', {}, 'evil/main')).toMatchObject({ reason: 'ErrImagePull' })
    expect(await find('uptimed:1', {}, 'a/main')).toMatchObject({ kind: 'ready' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await find('uptimed:9', {}, 'evil/main')).toMatchObject({
      message: 'another Pod on this host has version 1 of uptimed',
    })
  })

  test('of another version does not replace what runs, also after a new start of the program', async () => {
    const { images, find, done } = host({ uptimed: '1' })
    images.hold([{ key: 'a/main', image: 'uptimed:1' }])
    expect(await find('uptimed:2', {}, 'b/main')).toMatchObject({
      reason: 'ErrImagePull',
      message: 'another Pod on this host has version 1 of uptimed',
    })
    expect(done).toEqual([])
  })

  test('without a version takes the one that another Pod names', async () => {
    const { images, find, done } = host({ uptimed: '1' })
    images.hold([{ key: 'a/main', image: 'uptimed:1' }])
    expect(await find('uptimed', { pullPolicy: 'Always' }, 'b/main')).toMatchObject({ kind: 'ready' })
    expect(done).toEqual([])
  })
})
