import { quote } from '../../model/names.ts'
import type { ParsedHost } from '../../model/schema/input.ts'
import { closedPaths, knownGroups, knownUsers, logins, updateSettings } from '../../model/systems/flatcar-limits.ts'
import type { Finding, Source } from '../definitions.ts'
import type { ClusterDraft, HostDraft, Known } from '../draft.ts'
import { loginOf, osOf } from '../settings.ts'

type Files = NonNullable<ParsedHost['files']>

/**
 * Settings that are not possible on Flatcar hosts: in their own files, and in the part of hosts/cluster that applies to
 * all hosts.
 */
export function checkFlatcar(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  const flatcar = hosts.filter((host) => osOf(host, cluster) === 'flatcar')
  const [first] = flatcar
  if (first === undefined) return []
  const shared = checkFiles(cluster.source, cluster.values.files).map((finding) => ({
    ...finding,
    found: `${finding.found}, which ${first.source.subject} gets, too`,
  }))
  return [
    ...shared,
    ...flatcar.flatMap((host) => [...checkFiles(host.source, host.values.files), ...checkLogin(host, cluster)]),
  ]
}

function checkLogin({ source, values }: HostDraft, cluster: ClusterDraft): Finding[] {
  if (values.address === undefined) return []
  const user = loginOf(values.address, cluster.values.defaults, 'flatcar')
  if (logins.includes(user)) return []
  const inAddress = values.address.user !== undefined
  return [
    {
      source: inAddress ? source : cluster.source,
      path: inAddress ? ['address'] : ['defaults', 'user'],
      code: 'flatcar-login',
      found: `a login as ${quote(user)}${inAddress ? '' : ` for ${source.subject}`}`,
      why: 'a Flatcar machine has the user core, who may become root and gets the keys of the admins at first boot',
      todo: `log in as ${logins.join(' or ')}`,
    },
  ]
}

function checkFiles(source: Source, files: Known<Files> | undefined): Finding[] {
  return Object.entries(files ?? {}).flatMap(([path, file]) =>
    file === undefined
      ? []
      : [...checkPath(source, path), ...checkOwners(source, path, file), ...checkUpdates(source, path, file)],
  )
}

function checkPath(source: Source, path: string): Finding[] {
  const why = closedPaths.find(([closed]) => path === closed || path.startsWith(`${closed}/`))?.[1]
  if (why === undefined) return []
  return [
    {
      source,
      path: ['files', path],
      part: 'key',
      code: 'flatcar-path',
      found: 'a file that is not possible on Flatcar',
      why,
    },
  ]
}

function checkOwners(source: Source, path: string, file: Files[string]): Finding[] {
  const asked = [
    { key: 'owner', name: 'owner' in file ? file.owner : undefined, known: knownUsers },
    { key: 'group', name: 'group' in file ? file.group : undefined, known: knownGroups },
  ]
  return asked.flatMap(({ key, name, known }): Finding[] => {
    if (name === undefined || /^\d+$/.test(name) || known.includes(name)) return []
    return [
      {
        source,
        path: ['files', path, key],
        code: 'flatcar-account',
        found: `${quote(name)}, which is unknown on a Flatcar machine at first boot`,
        why: 'Ignition would fail, and the machine would not boot',
        todo: `write its number, or one of ${known.join(', ')}`,
      },
    ]
  })
}

function checkUpdates(source: Source, path: string, { content }: Files[string]): Finding[] {
  if (path !== updateSettings.path || content.split('\n').includes(updateSettings.line)) return []
  return [
    {
      source,
      path: ['files', path],
      code: 'flatcar-reboots',
      found: `no line ${updateSettings.line}`,
      why: "Flatcar's locksmith does not know the etcd of k3s: its reboots could cost the quorum",
      todo: `add the line ${updateSettings.line}`,
    },
  ]
}
