import type { Log } from '../../agent/log.ts'
import { parseHostName } from '../../model/names.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { PodsOfNode } from '../api/pods-of-node.ts'
import type { HostFolders } from '../host/host-folders.ts'
import { allocatableOf } from '../node/node-facts.ts'
import { runNode } from '../run-node.ts'
import { serveNode } from '../serve-node.ts'
import { hostFacts, leftOnHost } from './host-facts.ts'
import { hostImages } from './images-of-host.ts'
import { issuerOf } from './issuer-of.ts'
import { refuseWholeReserve } from './refuse-reserve.ts'

/** Processes and threads of one Pod: kubelet has no limit by default, and a fork bomb is the host's then. */
const MOST_TASKS = 4096

const UNITS = '/run/systemd/system'
const FOLDERS: HostFolders = {
  units: UNITS,
  pods: '/run/keel-vkubelet/pods',
  disk: '/var/lib/keel-vkubelet/pods',
  directories: { state: '/var/lib', cache: '/var/cache', logs: '/var/log', runtime: '/run' },
}

/** Runs the Node of this host, until `signal`. @throws KeelError `vkubelet-listen`, `vkubelet-reserve` */
export async function runProgram(configuration: VkubeletConfig, log: Log, signal: AbortSignal): Promise<void> {
  const { api, images, hidden, hostPaths } = configuration
  const facts = await hostFacts(configuration)
  refuseWholeReserve(facts)
  const { addresses, port } = facts
  const node = parseHostName(facts.name)
  log.info(`Node ${node} at ${addresses.join(', ')}`)
  const pods = new PodsOfNode()
  const { state, client } = api
  const served = await serveNode({
    ...{ node, addresses, port, pods, log, signal },
    issuer: await issuerOf(api, { node, addresses, signal }),
    folders: { units: UNITS, execs: '/run/keel-vkubelet/exec' },
    paths: {
      client,
      serving: { certificate: `${state}/serving.crt`, key: `${state}/serving.key` },
      clientCa: `${state}/client-ca.crt`,
    },
  })
  const running = runNode({
    ...{ facts, pods, log, signal },
    read: served.read,
    left: leftOnHost,
    images: (changed) => hostImages(images, { log, signal, changed }),
    host: {
      hidden,
      mounts: hostPaths,
      mostTasks: MOST_TASKS,
      mostPods: facts.mostPods,
      together: allocatableOf(facts),
    },
    folders: FOLDERS,
  })
  try {
    await Promise.race([served.ended, running])
  } catch (error) {
    if (!signal.aborted) throw error
    await Promise.allSettled([served.ended, running])
  }
}
