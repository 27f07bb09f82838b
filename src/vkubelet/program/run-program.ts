import type { Log } from '../../agent/log.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import type { HostFolders } from '../host/host-folders.ts'
import { runNode } from '../run-node.ts'
import { hostFacts, leftOnHost } from './host-facts.ts'
import { hostImages } from './images-of-host.ts'
import { readCredential } from './read-credential.ts'

const FOLDERS: HostFolders = {
  units: '/run/systemd/system',
  pods: '/run/keel-vkubelet/pods',
  disk: '/var/lib/keel-vkubelet/pods',
  directories: { state: '/var/lib', cache: '/var/cache', logs: '/var/log', runtime: '/run' },
}

/** Processes and threads of one Pod: kubelet has no limit by default, and a fork bomb is the host's then. */
const MOST_TASKS = 4096

/** Runs the Node of this host, until `signal`. */
export async function runProgram(configuration: VkubeletConfig, log: Log, signal: AbortSignal): Promise<void> {
  const { api, images, hidden, hostPaths } = configuration
  const facts = await hostFacts(configuration)
  log.info(`Node ${facts.name} at ${facts.addresses.join(', ')}`)
  try {
    await runNode({
      read: () => readCredential(api),
      facts,
      left: leftOnHost,
      images: (changed) => hostImages(images, { log, signal, changed }),
      host: { hidden, mounts: hostPaths, mostTasks: MOST_TASKS },
      folders: FOLDERS,
      log,
      signal,
    })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
