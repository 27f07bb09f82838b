import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import { BASE, makeVariant } from './variant.ts'

describe('loadInventory', () => {
  test('finds the inventory from any folder in it, through symbolic links too', async () => {
    const directory = makeVariant({})
    const link = join(directory, 'link')
    symlinkSync(join(directory, 'hosts'), link)
    for (const start of [directory, join(directory, 'hosts/b'), join(link, 'b')]) {
      expect((await loadInventory(start)).directory).toBe(realpathSync(directory))
    }
  })

  test('says where it looked', async () => {
    await expect(loadInventory(tmpdir())).rejects.toMatchObject({ code: 'no-inventory', exit: 2 })
  })

  test('does not take the one above for a folder that is not there', async () => {
    const missing = join(makeVariant({}), 'hosts/typo')
    await expect(loadInventory(missing)).rejects.toMatchObject({ code: 'no-inventory', at: missing, exit: 2 })
  })

  test('says which folder of a host can’t be read', async () => {
    const variant = makeVariant({})
    // so deep that a path of the system's greatest length does not reach the host's folder
    const directory = join(
      realpathSync(variant),
      ...Array.from({ length: Math.floor((4000 - variant.length) / 100) }, () => 'd'.repeat(99)),
    )
    mkdirSync(directory, { recursive: true })
    for (const name of ['secrets.ts', 'hosts']) renameSync(join(variant, name), join(directory, name))
    const name = 'n'.repeat(240)
    execFileSync('mkdir', [name], { cwd: join(directory, 'hosts') })
    try {
      await expect(loadInventory(directory)).rejects.toMatchObject({
        code: 'inventory-read',
        at: join(directory, 'hosts', name),
        found: expect.stringContaining('ENAMETOOLONG'),
        exit: 2,
      })
    } finally {
      // by a path that the system takes
      execFileSync('rmdir', [name], { cwd: join(directory, 'hosts') })
    }
  })

  test('refuses YAML that is not UTF-8, with the place, or that can’t be read, with the reason', async () => {
    const directory = makeVariant({ write: { 'hosts/b/host.yaml': '' } })
    rmSync(join(directory, 'hosts/b/host.ts'))
    writeFileSync(
      join(directory, 'hosts/b/host.yaml'),
      Buffer.from('os: debian\nlabels: { a: M\xfcnchen }\n', 'latin1'),
    )
    await expect(loadInventory(directory)).rejects.toMatchObject({
      faults: [{ code: 'inventory-encoding', at: 'hosts/b/host.yaml:2:15', todo: expect.any(String) }],
    })
    rmSync(join(directory, 'hosts/b/host.yaml'))
    mkdirSync(join(directory, 'hosts/b/host.yaml'))
    await expect(loadInventory(directory)).rejects.toMatchObject({
      faults: [{ code: 'inventory-read', at: 'hosts/b/host.yaml', found: expect.stringContaining('EISDIR') }],
    })
  })

  test('reads what is on disk now, shared files too', async () => {
    const directory = makeVariant({
      write: {
        'hosts/common.ts': "export const taints = ['a:NoSchedule']\n",
        'hosts/d/host.ts':
          "import { defineHost } from 'keel'\nimport { taints } from '../common.ts'\nexport default defineHost({ os: 'debian', role: 'agent', address: '10.0.0.4', taints })\n",
      },
    })
    const taints = async () => (await loadInventory(directory)).cluster.hosts.find(({ name }) => name === 'd')?.taints
    expect(await taints()).toEqual(['a:NoSchedule'])
    writeFileSync(join(directory, 'hosts/common.ts'), "export const taints = ['b:NoSchedule']\n")
    expect(await taints()).toEqual(['b:NoSchedule'])
  })

  test('tells the places of names, literals and secrets', async () => {
    const { locate } = await loadInventory(
      makeVariant({
        add: { b: "taints: ['a:NoSchedule',\n    'b:NoSchedule'],", cluster: "k3s: {\n    'pause-image': 'x' }," },
      }),
    )
    expect(locate('hosts/b')).toBe('hosts/b/host.ts:3:16')
    expect(locate('hosts/b taints[1]')).toBe('hosts/b/host.ts:10:5')
    expect(locate("hosts/cluster k3s['pause-image']")).toBe('hosts/cluster.ts:7:20')
    expect(locate('secrets/k3s-agent-token.age')).toBe('secrets.ts:9:24')
    expect(locate('secrets.ts admins.ada')).toBe('secrets.ts:5:10')
    expect(locate('hosts/b nodeIP')).toBe('hosts/b/host.ts:8:11')
    expect(locate('elsewhere')).toBe('elsewhere')
  })

  test.for(['with space', '(prod)', '100%25', 'a#b?c', 'größe'])(
    'in a folder called %s the places are right, too',
    async (name) => {
      const outer = makeVariant({})
      const directory = join(outer, name)
      cpSync(BASE, directory, { recursive: true })
      const file = join(directory, 'hosts/b/host.ts')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, text.replace("'debian'", "'debain'"))
      await expect(loadInventory(directory)).rejects.toMatchObject({ faults: [{ at: 'hosts/b/host.ts:4:7' }] })
      const broken = [
        [text.replace("'debian',", "'debian'"), '4:15'],
        [text.replace("'debian'", 'nowhere()'), '4:7'],
        [`${text}\nimport './nowhere.ts'\n`, '11:8'],
        [`import { nothing } from 'keel'\n${text}`, '1:10'],
      ] as const
      for (const [wrong, place] of broken) {
        writeFileSync(file, wrong)
        await expect(loadInventory(directory)).rejects.toMatchObject({ faults: [{ at: `hosts/b/host.ts:${place}` }] })
      }
    },
  )

  test('warns of a folder without a host.ts', async () => {
    const directory = makeVariant({})
    mkdirSync(join(directory, 'hosts/d'))
    const { warnings } = (await loadInventory(directory)).cluster
    expect(warnings).toMatchObject([{ code: 'no-host-file', at: 'hosts/d' }])
  })

  test('several at once do not get in each other’s way', async () => {
    const names = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        const directory = makeVariant({ edit: { cluster: ["'base'", `'${name}'`] } })
        return (await loadInventory(directory)).cluster.name
      }),
    )
    expect(names).toEqual(['one', 'two', 'three'])
  })

  test('plain node loads it: no warning, no node_modules of its own, whatever package.json says', async () => {
    const directory = makeVariant({ write: { 'package.json': '{ "type": "commonjs" }\n' } })
    const script = join(directory, 'load.mts')
    const load = new URL('../../../src/inventory/load.ts', import.meta.url).href
    writeFileSync(
      script,
      `const { loadInventory } = await import('${load}')\nconsole.log((await loadInventory(process.argv[2])).cluster.name)\n`,
    )
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, directory])
    expect({ stdout, stderr }).toEqual({ stdout: 'base\n', stderr: '' })
  })
})

test('docs/inventory.md names every key that a user may write', async () => {
  const text = readFileSync(new URL('../../../docs/inventory.md', import.meta.url), 'utf8')
  const { clusterSchema, hostSchema, secretsSchema } = await import('../../../src/model/schema/input.ts')
  const keys = [clusterSchema, hostSchema, secretsSchema].flatMap((schema) => Object.keys(schema.shape))
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([])
})
