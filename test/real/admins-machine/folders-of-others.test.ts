import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchArtifact } from '../../../src/artifacts/artifact-cache.ts'
import type { Artifact } from '../../../src/desired/host-state.ts'
import { withFileLock } from '../../../src/lab/machine/file-lock.ts'
import { labLock, labPaths } from '../../../src/lab/state.ts'
import type { Sha256 } from '../../../src/model/brands.ts'
import { keelArgv } from '../../support/keel/keel.ts'

const [node, keel] = keelArgv

/** Another local user of the admin's machine, who was there first. */
const OTHER = 65534
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keel-others-'))
  chmodSync(root, 0o755)
})
afterEach(() => rmSync(root, { recursive: true }))

const sha256 = createHash('sha256').update('theirs').digest('hex') as Sha256
const artifact: Artifact = { name: 'k3s', version: 'v1', arch: 'amd64', url: 'https://127.0.0.1:1/k3s', sha256 }

/** What another user can have made of a path below `root`, and of what keel says. */
const attacks: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    'is another user’s',
    (path) => {
      mkdirSync(path, { recursive: true })
      chownSync(path, OTHER, OTHER)
    },
    /belongs to another user \(uid 65534\)/,
  ],
  [
    'can be written by everybody',
    (path) => {
      mkdirSync(path, { recursive: true })
      chmodSync(path, 0o777)
    },
    /others can write to it \(mode 777\)/,
  ],
  [
    'is in a folder of another user',
    (path) => {
      mkdirSync(path, { recursive: true })
      chownSync(join(path, '..'), OTHER, OTHER)
    },
    /belongs to another user/,
  ],
  [
    'is a link of another user, to a folder of root’s',
    (path) => {
      mkdirSync(join(path, '..'), { recursive: true })
      chmodSync(join(path, '..'), 0o1777)
      mkdirSync(join(root, 'target'))
      execFileSync('setpriv', [
        `--reuid=${OTHER}`,
        `--regid=${OTHER}`,
        '--clear-groups',
        'ln',
        '-s',
        join(root, 'target'),
        path,
      ])
    },
    /belongs to another user/,
  ],
  [
    'is a link of root’s into a folder of another user',
    (path) => {
      mkdirSync(join(path, '..'), { recursive: true })
      mkdirSync(join(root, 'theirs/folder'), { recursive: true })
      chownSync(join(root, 'theirs'), OTHER, OTHER)
      symlinkSync(join(root, 'theirs/folder'), path)
    },
    /belongs to another user/,
  ],
]

describe('another user of the admin’s machine', () => {
  it.each(attacks)(
    'attack 8: a labs folder that %s is refused, and nothing is made in it',
    async (_case, attack, found) => {
      const labs = join(root, 'shm/labs')
      attack(labs)
      const env = { KEEL_LAB_STATE: labs }
      expect(() => labPaths(env, 'pw')).toThrow(
        expect.objectContaining({ code: 'folder-of-others', found: expect.stringMatching(found), exit: 2 }),
      )
      const made = async () => withFileLock(labLock(env, 'pw'), 1, async () => expect.unreachable())
      await expect(made()).rejects.toMatchObject({
        code: 'folder-of-others',
        todo: expect.stringContaining('KEEL_LAB_STATE'),
      })
      expect(readdirSync(labs)).toEqual([])
    },
  )

  it.each(attacks)('attack 8: an artifact from a cache that %s is not used', async (_case, attack, found) => {
    const cache = join(root, 'cache/keel')
    attack(cache)
    // with what the lock file names: it could be exchanged after it was checked
    mkdirSync(join(cache, 'artifacts'))
    writeFileSync(join(cache, 'artifacts', sha256), 'theirs')
    await expect(fetchArtifact(artifact, { XDG_CACHE_HOME: join(root, 'cache') })).rejects.toMatchObject({
      code: 'folder-of-others',
      found: expect.stringMatching(found),
      todo: expect.stringContaining('XDG_CACHE_HOME'),
    })
  })

  it.each(attacks)('attack 8: compiled code from a folder that %s is neither read nor written', (_case, attack) => {
    attack(join(root, 'cache/keel'))
    execFileSync(node, [keel, '--version'], {
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: join(root, 'cache') },
    })
    const compiled = join(root, 'cache/keel/compile')
    expect(existsSync(compiled) ? readdirSync(compiled) : []).toEqual([])
  })

  it('what keel makes itself is nobody else’s to read, and is used', async () => {
    const labs = join(root, 'labs')
    expect(await withFileLock(labLock({ KEEL_LAB_STATE: labs }, 'pw'), 1, async () => 'held')).toBe('held')
    execFileSync(node, [keel, '--version'], {
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: join(root, 'cache') },
    })
    for (const path of ['labs', 'cache/keel']) expect(lstatSync(join(root, path)).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(root, 'cache/keel/compile'))).not.toEqual([])
  })
})
