import { resolve } from 'node:path'
import { newestPatches } from '../../artifacts/newest-patches.ts'
import { noPins, readPins } from '../../artifacts/pins.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { findInventory, inventoryIfThere } from '../../inventory/find-inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import { KNOWN_MINORS } from '../../model/k3s/k3s-version.ts'
import { KUBEADM_MINORS } from '../../model/kubeadm/kubernetes-version.ts'
import { dayOf } from '../../model/kubernetes/support-window.ts'
import { quote } from '../../model/names.ts'
import { parseImageName } from '../../model/systems/image-file-name.ts'
import { timed } from '../../ui/run/lines.ts'
import { type Command, directory, type InDirectory, json } from '../shared/command.ts'
import { type Known, linesOf, listVersions, minorsOf } from './list-versions.ts'

interface Input extends InDirectory {
  readonly image: string
  readonly minor?: string
  readonly json?: boolean
}

export const list: Command<Input> = {
  name: 'sysext list <image>',
  summary: 'list versions of k3s or kubernetes: until when they are supported, the newest patches, what is pinned',
  options: [{ flags: '--minor <minor>', summary: 'only this minor version: 1.36' }, directory, json],
  examples: [
    ['keel sysext list kubernetes', 'all minor versions that are supported today'],
    ['keel sysext list k3s --minor 1.36', 'the newest patch of 1.36'],
  ],
  exits: [],
  async run(input, io) {
    const name = parseImageName(input.image)
    const only = input.minor === undefined ? undefined : parseMinor(input.minor)
    const start = resolve(io.cwd, input.directory ?? '.')
    const inventory = input.directory === undefined ? inventoryIfThere(start) : findInventory(start)
    const known: Known = {
      name,
      today: dayOf(io.now()),
      deployable: name === 'k3s' ? KNOWN_MINORS : KUBEADM_MINORS,
      inventory: inventory === undefined ? undefined : await versionIn(inventory, name),
      pins: inventory === undefined ? noPins : await readPins(inventory),
    }
    const minors = only === undefined ? minorsOf(known) : [only]
    const listed = listVersions(known, minors, await newestPatches(name, minors, { env: io.env, signal: io.signal }))
    if (input.json) io.print(timed(listed))
    else for (const line of linesOf(listed)) io.print(line)
    if (listed.unknown !== undefined) {
      io.note(`newest patches unknown (${listed.unknown}); without this network, name a mirror in KEEL_MIRROR`)
    }
    return ExitCode.Done
  },
}

/** Undefined for a cluster of the other distribution. */
async function versionIn(inventory: string, name: Known['name']): Promise<string | undefined> {
  const { distribution } = (await loadInventory(inventory, 'look')).cluster
  return (distribution.kind === 'k3s') === (name === 'k3s') ? distribution.version : undefined
}

function parseMinor(text: string): number {
  const minor = /^1\.(\d{1,3})$/.exec(text)?.[1]
  if (minor !== undefined) return Number(minor)
  throw new KeelError({
    code: 'usage',
    at: '--minor',
    found: `${quote(text)} is not possible here`,
    todo: 'allowed: the form of 1.36',
    exit: ExitCode.Usage,
  })
}
