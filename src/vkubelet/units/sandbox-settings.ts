import type { Security } from '../pod/pod.ts'
import type { Setting } from './unit-text.ts'

/**
 * What a container may do and see (systemd.exec(5)). A container that is root must not become more than root in a
 * container: no device, no socket of systemd or D-Bus (they are in /run), nothing of what the Node itself has.
 * @param hidden paths on the host that no Pod sees
 */
export function sandboxSettings(security: Security, hidden: readonly string[]): readonly Setting[] {
  const { user, capabilities, mayGainPrivileges, isRootReadOnly, isSeccompDefault } = security
  const settings: Setting[] = []
  // the program gives the number an entry in passwd; where it could not, one unit of it can run all the same
  if (user !== 0) settings.push(['User', `${user}`], ['DynamicUser', 'yes'])
  settings.push(
    ['CapabilityBoundingSet', capabilities.map((name) => `CAP_${name}`).join(' ')],
    ['NoNewPrivileges', mayGainPrivileges ? 'no' : 'yes'],
    ['ProtectSystem', isRootReadOnly ? 'strict' : 'full'],
    ['ProtectHome', 'yes'],
    ['PrivateMounts', 'yes'],
    ['PrivateTmp', 'yes'],
    ['PrivateDevices', 'yes'],
    ['ProtectControlGroups', 'yes'],
    ['ProtectKernelLogs', 'yes'],
    ['ProtectKernelModules', 'yes'],
    ['ProtectKernelTunables', 'yes'],
    ['RestrictNamespaces', 'yes'],
    ['SystemCallArchitectures', 'native'],
    ['TemporaryFileSystem', '/run'],
    ['BindReadOnlyPaths', '-/run/systemd/resolve'],
  )
  if (hidden.length > 0) settings.push(['InaccessiblePaths', hidden.map((path) => `"-${quoted(path)}"`).join(' ')])
  if (isSeccompDefault) settings.push(['SystemCallFilter', '@system-service'], ['SystemCallErrorNumber', 'EPERM'])
  return settings
}

/** A path of the inventory, which has checked it. */
function quoted(path: string): string {
  return path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')
}
