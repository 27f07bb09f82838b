import type { Log } from '../../agent/log.ts'
import { vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import { SYSTEM_REPOSITORY } from '../../model/systemd-kubelet/systemd-kubelet.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { aptCalls } from '../apt/apt-calls.ts'
import { HostImages } from '../apt/host-images.ts'
import { hostPlaces, Packages } from '../apt/packages.ts'
import { readLogins } from '../apt/read-logins.ts'

interface Around {
  readonly log: Log
  readonly signal: AbortSignal
  /** An installation has ended. */
  readonly changed: () => void
}

/** The images of this host, as the inventory allows them. */
export function hostImages(
  { packages, programs, repositories, logins }: VkubeletConfig['images'],
  { log, signal, changed }: Around,
): HostImages {
  return new HostImages({
    allow: { packages, programs, repositories: [SYSTEM_REPOSITORY, ...repositories.map(({ name }) => name)] },
    packages: new Packages({
      calls: aptCalls(vkubeletPaths.policy, signal),
      repositories,
      logins: () => readLogins(logins),
      places: hostPlaces,
    }),
    log,
    changed,
  })
}
