import { resolve } from 'node:path'
import { ExitCode } from '../errors.ts'
import { findInventory, inventoryIfThere } from '../inventory/find-inventory.ts'
import { loadInventory } from '../inventory/load.ts'
import type { Distribution } from '../model/distribution/distribution.ts'
import { minorOf } from '../model/k3s/k3s-version.ts'
import { SUPPORT_WINDOW } from '../model/kubernetes/support-window.ts'
import { timed } from '../ui/run/lines.ts'
import { version as keel, type Versions } from '../version.ts'
import { type Command, directory, type InDirectory, json } from './shared/command.ts'
import { noteSupport } from './shared/note-support.ts'

export const version: Command<InDirectory & { readonly json?: boolean }> = {
  name: 'version',
  summary: "show the versions of keel, of Node, and of the inventory's k3s or Kubernetes",
  options: [json, directory],
  examples: [
    ['keel version', 'inside of an inventory it also prints the version of k3s'],
    ['keel version --json', 'for a program'],
  ],
  exits: [],
  async run(input, io) {
    const start = resolve(io.cwd, input.directory ?? '.')
    // outside of every inventory is no fault, unless one was named
    const found = input.directory === undefined ? inventoryIfThere(start) : findInventory(start)
    const inventory = found === undefined ? undefined : await loadInventory(found, 'look')
    const versions: Omit<Versions, 'supportEnds'> = {
      keel,
      node: process.versions.node,
      ...(inventory === undefined ? {} : ofCluster(inventory.cluster.distribution)),
    }
    if (input.json)
      io.print(timed({ ...versions, ...supportEndsOf(versions.k3s ?? versions.kubernetes) } satisfies Versions))
    else for (const [name, number] of Object.entries(versions)) io.print(`${name} ${number}`)
    if (inventory !== undefined) noteSupport(inventory.cluster.distribution.version, io)
    return ExitCode.Done
  },
}

function ofCluster({ kind, version }: Distribution): Pick<Versions, 'k3s' | 'kubernetes'> {
  return kind === 'k3s' ? { k3s: version } : { kubernetes: version }
}

function supportEndsOf(version: string | undefined): Pick<Versions, 'supportEnds'> {
  const minor = minorOf(version ?? '')
  const known = SUPPORT_WINDOW.find((one) => one.minor === minor)
  return known === undefined ? {} : { supportEnds: known.ends }
}
