import { manifestUrls, pinManifests } from '../../artifacts/network-manifests.ts'
import { PINS_FILE, type Pins, pinsText, readPinBytes, readPins } from '../../artifacts/pins.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { replaceFiles } from '../../files/transaction/replace-files.ts'
import { manifestIssues } from '../../inventory/check/check-manifests.ts'
import { sha256 } from '../../model/digest.ts'
import type { Kubeadm } from '../../model/distribution/distribution.ts'
import type { Io } from './command.ts'

/** What else is pinned, and the lines about it. */
export interface AlsoPinned {
  pin(pins: Pins): Promise<Pins>
  lines(pins: Pins): readonly string[]
}

/**
 * What `keel pin` does for a cluster of kubeadm: it pins the manifests of the network that come from a URL. The programs
 * of Kubernetes are pinned with their image.
 * @throws KeelError `pin-kubeadm` (exit 2), `manifest-fetch`, `manifest-text`
 */
export async function pinNetwork(
  directory: string,
  distribution: Kubeadm,
  also: AlsoPinned | undefined,
  { env, signal, print }: Io,
): Promise<ExitCode> {
  const urls = manifestUrls(distribution)
  if (urls.length === 0 && also === undefined) throw pinnedWithImage(distribution.version)
  const before = readPinBytes(directory)
  const pins = await readPins(directory)
  const withManifests = await pinManifests(pins, urls, { accept: refuseNoManifest, env, signal })
  const pinned = (await also?.pin(withManifests)) ?? withManifests
  if (pinsText(pinned) === pinsText(pins)) {
    print(`${PINS_FILE}: nothing changed`)
    return ExitCode.Done
  }
  const contents = Buffer.from(pinsText(pinned))
  await replaceFiles(directory, [{ file: PINS_FILE, contents, replaces: before && sha256(before) }])
  for (const url of urls) print(`${url}: ${pinned.manifests?.[url]?.sha256 ?? ''}`)
  for (const line of also?.lines(pinned) ?? []) print(line)
  return ExitCode.Done
}

function refuseNoManifest(url: string, text: string): void {
  const [issue] = manifestIssues(text)
  if (issue === undefined) return
  throw new KeelError({
    code: 'manifest-text',
    at: url,
    found: issue.found,
    why: issue.why ?? 'servers could not apply it',
    todo: 'check the address in a browser: it must be that of the text itself, and not of a page about it',
  })
}

/** For what is no part of `keel pin` in a cluster of kubeadm. */
export function pinnedWithImage(version: string): KeelError {
  return new KeelError({
    code: 'pin-kubeadm',
    found: '`keel pin` pins k3s, and this cluster is of kubeadm',
    why: 'the programs of Kubernetes are pinned together with the image that keel makes of them',
    todo: `run \`keel sysext build kubernetes ${version}\` here`,
    exit: ExitCode.Usage,
  })
}
