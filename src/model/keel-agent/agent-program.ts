import type { Cluster, Host } from '../cluster.ts'

/** The keel-agent's program: one executable. On Debian a file, on Flatcar part of a system extension. */
export const AGENT_PROGRAM = '/usr/local/bin/keel-agent'

/**
 * On NixOS, that of the system that was activated last, whose units run. The profile is still the system before while a
 * deploy tries a new one.
 */
export const currentSystem = '/run/current-system'
export const AGENT_PROGRAM_IN_NIXOS = `${currentSystem}/sw/bin/keel-agent`
/** The bundle beside the module of a NixOS host, generated into git as that. */
export const BUNDLE_BESIDE_MODULE = 'keel-agent.mjs'

/** The names of what keel pushes for it: Node's program, and the bundle that Node runs. */
export const NODE_ARTIFACT = 'keel-node'
export const AGENT_ARTIFACT = 'keel-agent'

/** The release of Node that runs the agent on Debian and Flatcar. It is also the one in keel's single executable. */
export const nodeVersion = 'v24.21.0'

/** Whether keel brings the agent's program to a host. With `keelAgent.program`, the host has one of its own. */
export function bringsAgentProgram({ keelAgent }: Pick<Cluster, 'keelAgent'>, host: Pick<Host, 'keelAgent'>): boolean {
  return host.keelAgent && keelAgent !== undefined && keelAgent.program === undefined
}

/** Whether keel brings its bundle and Node to a host: for the agent, or for the systemd kubelet, which is in the same file. */
export function needsBundle(
  cluster: Pick<Cluster, 'keelAgent'>,
  host: Pick<Host, 'keelAgent' | 'systemdKubelet'>,
): boolean {
  return bringsAgentProgram(cluster, host) || host.systemdKubelet !== undefined
}

/** Where both are on Flatcar, once their extensions are merged. */
export const mergedNode = '/usr/local/lib/keel/node'
export const mergedBundle = '/usr/local/lib/keel/keel-agent.mjs'

/**
 * MB. They also make V8 collect buffers that nobody needs any more (external memory at half of the old space): without
 * them, a server that answers without an end brings the agent near its unit's MemoryMax on a busy host.
 */
export const heapLimits = ['--max-semi-space-size=1', '--max-old-space-size=128'] as const

/** Options of Node for the agent. Without a JIT, no memory of it is both writable and executable: its unit forbids that. */
export const agentNodeOptions = ['--jitless', ...heapLimits] as const

/**
 * The shell script that is the agent's program.
 * @param node @param bundle paths that need no quotes
 */
export function agentLauncher(node: string, bundle: string): string {
  return `#!/bin/sh\nexec ${node} ${agentNodeOptions.join(' ')} ${bundle} "$@"\n`
}
