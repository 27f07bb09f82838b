import { containerdConfig, flatcarContainerdConfig } from '../images/containerd-config.ts'
import { imagesUnit, machineSysctlsUnit, moreLoops, type RootFile } from '../root/root-spec.ts'

/** Flatcar's own user. It may run every command with sudo, without a password. */
export const flatcarUser = 'core'
const uid = 500

const units = '/usr/lib/systemd/system'
/**
 * At the first boot, the presets remove these links from /etc. So they are beside the units in /usr, where a preset
 * does not remove them.
 */
const wanted: Readonly<Record<string, string>> = {
  'lab-machine-sysctls.service': 'sysinit.target',
  'lab-images.service': 'multi-user.target',
  'sshd.service': 'multi-user.target',
  'containerd.service': 'multi-user.target',
}

/**
 * Files that the look-alike has and the root of the lab does not have, or has with other content.
 * @param accounts `passwd`, `group` and `shadow` of the root, to which this adds the user
 */
export function layerFiles(accounts: {
  readonly passwd: string
  readonly group: string
  readonly shadow: string
}): readonly RootFile[] {
  const file = (path: string, content: string, mode = 0o644): RootFile => ({ path, content, mode })
  return [
    file('/usr/lib/os-release', osRelease),
    file('/etc/machine-id', 'uninitialized\n', 0o444),
    file('/usr/lib/systemd/system-preset/99-default.preset', 'disable *\n'),
    file(`${units}/lab-machine-sysctls.service`, machineSysctlsUnit),
    file(`${units}/lab-images.service`, imagesUnit),
    file(`${units}/sshd.service`, sshdUnit),
    file(`${units}/containerd.service`, containerdUnit),
    file(flatcarContainerdConfig, containerdConfig),
    file('/usr/lib/tmpfiles.d/lab-loops.conf', moreLoops),
    file('/etc/ssh/sshd_config', sshdConfig),
    file('/etc/sudoers.d/flatcar', `${flatcarUser} ALL=(ALL) NOPASSWD: ALL\n`, 0o440),
    file(
      '/etc/passwd',
      `${accounts.passwd}${flatcarUser}:x:${uid}:${uid}:Flatcar's administrator:/home/${flatcarUser}:/bin/bash\n`,
    ),
    file('/etc/group', `${withMember(accounts.group, ['sudo', 'systemd-journal'])}${flatcarUser}:x:${uid}:\n`),
    file('/etc/shadow', `${accounts.shadow}${flatcarUser}:*:19000:0:99999:7:::\n`, 0o640),
  ]
}

/** Path → target of the link. */
export const layerLinks: Readonly<Record<string, string>> = {
  '/usr/bin/sh': 'bash',
  ...Object.fromEntries(
    Object.entries(wanted).map(([unit, target]) => [`${units}/${target}.wants/${unit}`, `../${unit}`]),
  ),
}

/** The home folder that a Flatcar image contains, and its owner. */
export const layerHome = { path: `/home/${flatcarUser}`, uid }

/** What the root has and Flatcar does not have, besides programs. `systemd-firstboot` would ask on the console. */
export const layerRemoved: readonly string[] = [
  ...[
    '/var/lib/dpkg',
    '/var/lib/apt',
    '/var/cache/apt',
    '/etc/apt',
    '/etc/dpkg',
    '/usr/lib/apt',
    '/usr/lib/dpkg',
    '/usr/share/perl5',
  ],
  ...['/etc/debian_version', '/etc/ssh/sshd_config.d', '/etc/systemd/system/multi-user.target.wants', '/root/.ssh'],
  '/etc/containerd',
  ...['/etc/systemd/system/lab-machine-sysctls.service', '/etc/systemd/system/lab-images.service'],
  ...['ssh.service', 'ssh.socket', 'systemd-firstboot.service'].map((unit) => `${units}/${unit}`),
  ...['sshd.service', 'sysinit.target.wants', 'sockets.target.wants'].map((name) => `/etc/systemd/system/${name}`),
  ...[
    '/etc/init.d',
    '/usr/lib/systemd/system-generators/systemd-sysv-generator',
    '/usr/lib/systemd/system-preset/90-systemd.preset',
  ],
]

const osRelease = `NAME="Flatcar Container Linux by Kinvolk"
ID=flatcar
ID_LIKE=coreos
VERSION=4459.2.0
VERSION_ID=4459.2.0
BUILD_ID=2025-01-01-0000
PRETTY_NAME="look-alike of Flatcar Container Linux 4459.2.0, of keel's lab (it is Debian inside)"
FLATCAR_BOARD="amd64-usr"
`

// `ssh-keygen -A` creates the machine's own keys at its first boot
const sshdUnit = `[Unit]
Description=OpenSSH server
After=network.target

[Service]
Type=notify
RuntimeDirectory=sshd
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStart=/usr/sbin/sshd -D
KillMode=process
`

// a variable names the file that it reads, as in Flatcar's unit: a file in /etc alone changes nothing
const containerdUnit = `[Unit]
Description=containerd container runtime
After=network.target local-fs.target

[Service]
Type=notify
Environment=CONTAINERD_CONFIG=${flatcarContainerdConfig}
ExecStart=/usr/bin/containerd --config \${CONTAINERD_CONFIG}
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNOFILE=infinity
TasksMax=infinity
`

const sshdConfig = `Subsystem sftp internal-sftp
UsePAM yes
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
`

function withMember(group: string, names: readonly string[]): string {
  return group
    .split('\n')
    .map((line) =>
      names.includes(line.split(':')[0] ?? '') ? `${line}${line.endsWith(':') ? '' : ','}${flatcarUser}` : line,
    )
    .join('\n')
}
