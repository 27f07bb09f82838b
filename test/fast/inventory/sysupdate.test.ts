import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import { makeVariant } from './variant.ts'

const made = (name: string) => readFileSync(new URL(`../../cases/openpgp/${name}`, import.meta.url))
const flatcar = (address: string): [string, string] => [`root@${address}`, `core@${address}`]

/** The base, with all hosts on Flatcar but c, and a key beside hosts/. */
function variant(settings: string): string {
  const directory = makeVariant({
    add: { cluster: `defaults: { os: 'flatcar' }, sysupdate: { ${settings} },`, c: 'sysupdate: false,' },
    edit: { a: ["  os: 'debian',\n", ''], b: ["  os: 'debian',\n", ''] },
  })
  for (const [host, address] of [
    ['a', '10.0.0.1'],
    ['b', '10.0.0.2'],
  ] as const) {
    const file = join(directory, `hosts/${host}/host.ts`)
    writeFileSync(file, readFileSync(file, 'utf8').replace(...flatcar(address)))
  }
  for (const name of ['public.asc', 'public.gpg']) writeFileSync(join(directory, name), made(name))
  return directory
}

describe('sysupdate', () => {
  it.each(['public.asc', 'public.gpg'])('has the bytes of %s as hosts read them', async (key) => {
    const { cluster } = await loadInventory(variant(`url: 'https://images.example/k3s', key: '${key}'`))
    expect(cluster.sysupdate).toEqual({
      url: 'https://images.example/k3s',
      keyring: made('public.gpg').toString('base64'),
      timer: false,
    })
  })

  it('has a timer if the inventory asks for one, and leaves out a host that wants none', async () => {
    const { cluster } = await loadInventory(variant("url: 'https://images.example', key: 'public.asc', timer: true"))
    expect(cluster.sysupdate?.timer).toBe(true)
    expect(cluster.hosts.map(({ name, sysupdate }) => [name, sysupdate])).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', false],
    ])
  })
})
