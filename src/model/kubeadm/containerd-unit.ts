import type { UnitName } from '../systems/unit-name.ts'

/** The containerd of a system, on Debian and Flatcar. */
export const containerdUnit: UnitName = 'containerd.service'
/** What it reads unless its command line names another file. */
export const containerdConfigPath = '/etc/containerd/config.toml'
