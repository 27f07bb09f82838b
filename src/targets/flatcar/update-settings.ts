import type { WantedFile } from '../../desired/host-state.ts'
import { updateSettings as settings } from '../../model/systems/flatcar-limits.ts'

/**
 * Updates are downloaded as usual, and no machine reboots by itself: Flatcar's locksmith does not know k3s's etcd, and
 * could end the quorum. Source: flatcar.org/docs/latest/setup/releases/update-strategies
 */
export const updateSettings: WantedFile = {
  path: settings.path,
  content: `# Made by keel: no server reboots by itself, as the cluster may need it for its quorum.
# An update waits on the passive partition until somebody reboots, or a reboot manager of the cluster's does (FLUO, kured).
${settings.line}
`,
  mode: '0644',
  owner: 'root',
  group: 'root',
}
