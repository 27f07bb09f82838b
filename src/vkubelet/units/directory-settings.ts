import type { Container, Pod } from '../pod/pod.ts'
import type { Setting } from './unit-text.ts'

/** The folder in each of `/var/lib`, `/var/cache`, `/var/log` and `/run` that has those of Pods. */
export const DIRECTORIES = 'keel-pods'

/**
 * The directories of a Pod (systemd.exec(5), StateDirectory=): `$STATE_DIRECTORY`, `$CACHE_DIRECTORY`, `$LOGS_DIRECTORY` and
 * `$RUNTIME_DIRECTORY` say where they are. All containers of one user share them. A container of another user has its own,
 * because systemd would give away those of the first one while they are in use.
 */
export function directorySettings(pod: Pod, { security: { user } }: Container): readonly Setting[] {
  const [first] = pod.containers
  const isFirst = first === undefined || first.security.user === user
  const name = `${DIRECTORIES}/${isFirst ? pod.uid : `${pod.uid}.${user}`}`
  return [
    ['StateDirectory', name],
    ['CacheDirectory', name],
    ['LogsDirectory', name],
    ['RuntimeDirectory', name],
    // the first container that ends must not take it from the others: it goes with the Pod
    ['RuntimeDirectoryPreserve', 'yes'],
    // %t is /run, which is hidden. For a dynamic user systemd shows the directory itself, and puts a link there.
    ...(user === 0 ? ([['BindPaths', `%t/${name}`]] satisfies Setting[]) : []),
  ]
}
