import { type ImageKey, imageFolder } from '../model/systems/image-file-name.ts'

export interface SysupdateRequest extends Pick<ImageKey, 'name' | 'version'> {
  /** The folder with the images, SHA256SUMS and SHA256SUMS.gpg: `https://…`, or `http://…`. */
  readonly url: string
  /**
   * `download`: new images only arrive; keel, or a person, links one when the node may restart. `link`: the newest one
   * is also linked, so the next merge or boot takes it.
   */
  readonly when: 'download' | 'link'
}

/** The version of systemd from which files of systemd-sysupdate end with `.transfer`, and not with `.conf`. */
const TRANSFER_SINCE = 257

/**
 * The folder of a component, which `systemd-sysupdate --component` names. The files that other components have there
 * do not matter to it.
 * @param systemd the version of the host's systemd
 */
export function transferPath({ name }: Pick<ImageKey, 'name'>, systemd: number): string {
  return `/etc/sysupdate.${name}.d/${name}.${systemd < TRANSFER_SINCE ? 'conf' : 'transfer'}`
}

/**
 * How systemd-sysupdate gets new patches of the minor that a host has, and no other minor: kubeadm upgrades one minor
 * at a time, and in an order. Source: sysupdate.d(5) of systemd 252 to 257.
 */
export function transferFile({ name, version, url, when }: SysupdateRequest): string {
  const [minor = '', patch = ''] = splitVersion(version)
  const pattern = `${name}-${minor}.@v-%a.raw`
  const folder = imageFolder(name)
  // in its own folder, systemd-sysext does not look for the link
  const link = when === 'link' ? `/etc/extensions/${name}.raw` : `${folder}/newest-${name}`
  return `[Transfer]
Verify=true
# the image that the node runs: it stays, however many newer ones there are
ProtectVersion=${escaped(patch)}

[Source]
Type=url-file
Path=${escaped(url.replace(/\/+$/, ''))}
MatchPattern=${pattern}

[Target]
Type=regular-file
Path=${folder}
MatchPattern=${pattern}
Mode=0644
InstancesMax=3
CurrentSymlink=${link}
`
}

/** A unit of keel's own: the one of systemd updates only the system itself, and never runs in a container. */
export function sysupdateService(name: ImageKey['name']): string {
  return `[Unit]
Description=Download new images of ${name}
Documentation=man:systemd-sysupdate(8)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/lib/systemd/systemd-sysupdate --component=${name} update
`
}

export function sysupdateTimer(name: ImageKey['name']): string {
  return `[Unit]
Description=Download new images of ${name} once a day

[Timer]
OnCalendar=daily
RandomizedDelaySec=6h
Persistent=true

[Install]
WantedBy=timers.target
`
}

/** `v1.36.3`: `v1.36` and `3`; `v1.34.4+k3s1`: `v1.34` and `4+k3s1`. */
function splitVersion(version: string): readonly string[] {
  const [, minor, patch] = /^(v\d+\.\d+)\.(.+)$/.exec(version) ?? []
  return minor === undefined || patch === undefined ? [] : [minor, patch]
}

/** `%` begins a specifier. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%')
}
