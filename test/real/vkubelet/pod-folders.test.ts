import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { doOnHost, type HostTools } from '../../../src/vkubelet/host/do-on-host.ts'
import { NoRoom } from '../../../src/vkubelet/host/keep-room.ts'
import { lacksMountPoint } from '../../../src/vkubelet/host/lacks-mount-point.ts'
import { makePlaces } from '../../../src/vkubelet/host/pod-directories.ts'
import { VolumeUsage } from '../../../src/vkubelet/host/usage.ts'
import { samplePod, UID } from '../../support/vkubelet/sample-pod.ts'

/** What hostile Pods leave on a real file system, and want to fill. */
const made = mkdtempSync('/var/lib/vks-folders-')
const run = join(made, 'run')
const toolsOf = (more: Partial<HostTools> = {}): HostTools => ({
  folders: {
    units: join(run, 'units'),
    pods: join(run, 'pods'),
    disk: join(made, 'disk'),
    directories: { state: join(made, 'lib'), cache: join(made, 'cache'), logs: join(made, 'log'), runtime: run },
  },
  variablesOf: () => new Map(),
  contentOf: () => undefined,
  ...more,
})

beforeAll(() => {
  mkdirSync(run)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', run])
})
afterAll(() => {
  execFileSync('umount', [run])
  execFileSync('rm', ['-rf', '--', made])
})

test('folders that are deeper than a path can be long go with their Pod', async () => {
  const { folders } = toolsOf()
  const volume = join(folders.disk, UID, 'volumes/v')
  const state = join(folders.directories.state, 'keel-pods', UID)
  for (const folder of [volume, state]) {
    mkdirSync(folder, { recursive: true })
    execFileSync('bash', ['-c', 'for _ in {1..60}; do mkdir "$0"; cd -P "$0"; done', 'd'.repeat(200)], { cwd: folder })
  }
  await doOnHost({ kind: 'remove-folder', uid: UID }, toolsOf())
  expect([volume, state].filter((folder) => existsSync(folder))).toEqual([])
  expect(readdirSync(folders.disk)).toEqual([])
})

describe('a file system in memory that everybody needs', () => {
  const pod = samplePod()
  const write = { kind: 'write-environment', pod, container: 'uptimed' } as const
  const variables = (size: number) => toolsOf({ variablesOf: () => new Map([['A', 'x'.repeat(size)]]) })
  const content = (size: number) =>
    toolsOf({
      contentOf: () => ({
        digest: 'a'.repeat(32),
        content: {
          kind: 'files',
          owner: { user: 0, group: 0, isShared: false },
          files: new Map([['large', { bytes: Buffer.alloc(size), mode: 0o600 }]]),
        },
      }),
    })

  test.each([
    ['the environment', () => doOnHost(write, variables(3_800_000))],
    ['the unit', () => doOnHost({ kind: 'write-unit', unit: 'vks.a.service', text: 'x'.repeat(3_800_000) }, toolsOf())],
    ['a volume', () => doOnHost({ kind: 'write-volume', pod, volume: 'v' }, content(3_800_000))],
  ])('%s of a Pod does not fill it', async (_what, fill) => {
    await expect(fill()).rejects.toBeInstanceOf(NoRoom)
    rmSync(join(run, 'pods'), { recursive: true, force: true })
  })

  test('takes what leaves a tenth of it', async () => {
    await doOnHost({ kind: 'write-volume', pod, volume: 'v' }, content(2_000_000))
    await doOnHost(write, variables(1_000_000))
    await expect(doOnHost(write, variables(1_000_000))).rejects.toThrow('the host has no room for it')
  })
})

describe('a mount point', () => {
  const at = (path: string) => join(made, path)

  test('that is there may be anywhere', async () => {
    expect(await lacksMountPoint('/etc/systemd/system')).toBeUndefined()
    expect(await lacksMountPoint('/usr/bin/env')).toBeUndefined()
  })

  test('that is not there is judged by where it leads', async () => {
    symlinkSync('/etc', at('link'))
    symlinkSync('/etc/nologin', at('dangling'))
    expect(await lacksMountPoint(at('a/b'))).toBeUndefined()
    expect(await lacksMountPoint(at('link/nologin'))).toMatch(/^the host has no \/etc\/nologin, and its system/)
    expect(await lacksMountPoint(at('dangling'))).toBe(`${at('dangling')} on the host is a link that leads nowhere`)
    expect(await lacksMountPoint('/usr/share/keel-is-not-here/x')).toMatch(/^the host has no \/usr\/share\/keel/)
    expect(await lacksMountPoint('/var/run/keel-is-not-here')).toBeUndefined()
  })
})

test('each Pod is counted for itself, and forgotten when it is gone', async () => {
  const limited = (uid: string, sizeLimit: string) =>
    samplePod({ metadata: { uid }, spec: { volumes: [{ name: 'v', emptyDir: { sizeLimit } }] } })
  // a folder that keel makes: this one alone is where the program has it
  const uid = `keel-test-${process.pid}`
  const folder = `/var/lib/keel-vkubelet/pods/${uid}`
  mkdirSync(join(folder, 'volumes/v'), { recursive: true })
  writeFileSync(join(folder, 'volumes/v/large'), Buffer.alloc(3_000_000, 1))
  try {
    let changes = 0
    const usage = new VolumeUsage(() => {
      changes += 1
    })
    const pods = [limited(uid, '1Mi'), limited(`${uid}-small`, '1Mi')]
    usage.look(pods)
    await vi.waitFor(() => expect([...usage.exceeded.keys()]).toEqual([uid]), 10_000)
    // the reconciler does not wait for its next look at systemd
    expect(changes).toBe(1)
    usage.look(pods.slice(1))
    expect([...usage.exceeded.keys()]).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('nobody but root can look which Pods have directories', async () => {
  const { folders } = toolsOf()
  const places = Object.values(folders.directories).map((base) => join(base, 'keel-pods'))
  mkdirSync(places[0] ?? expect.unreachable(), { recursive: true, mode: 0o755 })
  await makePlaces(folders)
  expect(places.map((place) => (statSync(place).mode & 0o777).toString(8))).toEqual(['711', '711', '711', '711'])
})
