import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BuiltImage, buildImage } from '../../artifacts/build-image.ts'
import { mirroredFrom } from '../../artifacts/mirror.ts'
import { CNI_VERSION } from '../../artifacts/pin-kubernetes.ts'
import { noPins, PINS_FILE, type Pins } from '../../artifacts/pins.ts'
import { ExitCode } from '../../errors.ts'
import { notWritten } from '../../files/not-written.ts'
import { findInventory, inventoryIfThere } from '../../inventory/find-inventory.ts'
import { type ImageKey, imageFileName, parseCniVersion, parseImageKey } from '../../model/systems/image-file-name.ts'
import { systemdArch } from '../../model/systems/systemd-arch.ts'
import { timed } from '../../ui/run/lines.ts'
import { pinWith } from '../shared/change-pins.ts'
import { type Command, directory, type InDirectory, json } from '../shared/command.ts'
import type { SysextImage } from './sysext-image.ts'

interface Input extends InDirectory {
  readonly image: string
  readonly version: string
  readonly arch?: string
  readonly cniVersion?: string
  readonly out?: string
  readonly from?: string
  readonly json?: boolean
}

export const build: Command<Input> = {
  name: 'sysext build <image> <version>',
  summary: 'make a system extension image of k3s or kubernetes (for kubeadm); its bytes are the same everywhere',
  options: [
    { flags: '--arch <arch>', summary: 'x86-64 (default) or arm64' },
    {
      flags: '--cni-version <version>',
      summary: `kubernetes: the release of the CNI plugins (default: ${CNI_VERSION})`,
    },
    { flags: '--out <dir>', summary: 'the folder for the image (default: the current folder)' },
    {
      flags: '--from <dir>',
      summary: 'take the releases from this folder and use no network: DIR/dl.k8s.io/release/…, DIR/github.com/…',
    },
    directory,
    json,
  ],
  examples: [
    ['keel sysext build kubernetes v1.36.3', 'write kubernetes-v1.36.3-x86-64.raw here'],
    ['keel sysext build k3s v1.36.3+k3s1 --arch arm64 --out images', 'write images/k3s-v1.36.3+k3s1-arm64.raw'],
  ],
  exits: [ExitCode.Locked],
  async run(input, io) {
    const key = parseImageKey(input)
    const cniVersion = parseCniVersion(input.cniVersion ?? CNI_VERSION)
    const start = resolve(io.cwd, input.directory ?? '.')
    // an image can be made anywhere; an inventory also keeps its hash
    const inventory = input.directory === undefined ? inventoryIfThere(start) : findInventory(start)
    const out = resolve(io.cwd, input.out ?? '.')
    const file = join(out, imageFileName(key))
    const from = input.from === undefined ? undefined : resolve(io.cwd, input.from)
    const env = mirroredFrom(io.env, from)
    const make = async (pins: Pins) => {
      await mkdir(out, { recursive: true }).catch((error: unknown) => {
        throw notWritten(error, out)
      })
      return buildImage(pins, { ...key, cniVersion, into: file, env, signal: io.signal })
    }
    const built = await (inventory === undefined ? make(noPins) : pinWith(inventory, make))
    const image = toJson(file, key, built, inventory !== undefined)
    if (input.json) io.print(timed(image))
    else for (const line of linesOf(image)) io.print(line)
    return ExitCode.Done
  },
}

function toJson(file: string, { name, version, arch }: ImageKey, built: BuiltImage, pinned: boolean): SysextImage {
  const { sha256, size, of } = built
  const contents = of.map((one) => ({ name: one.name, version: one.version, url: one.url, sha256: one.sha256 }))
  return { file, name, version, arch: systemdArch[arch], size, sha256, of: contents, pinned }
}

function linesOf({ file, size, sha256, of, pinned }: SysextImage): readonly string[] {
  return [
    `${file}: ${(size / 1e6).toFixed(1)} MB, SHA-256 ${sha256}`,
    ...of.map((one) => `  ${one.name} ${one.version}: SHA-256 ${one.sha256} ${one.url}`),
    pinned ? `${PINS_FILE}: has these hashes` : 'no inventory here: keel keeps no hashes for the next build',
  ]
}
