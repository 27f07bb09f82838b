import { execa } from 'execa'

/** Debian packages that the lab and the tests drive; the README's two commands install what is missing. */
export const labPackages = [
  'mmdebstrap',
  'systemd-container',
  'iproute2',
  'util-linux',
  'mount',
  'openssh-client',
] as const
export const testPackages = [
  ...labPackages,
  'age',
  'strace',
  'openssh-server',
  'openssl',
  'sudo',
  'nix-bin',
  'nftables',
  'keepalived',
  'shellcheck',
  'git',
  'squashfs-tools',
  // Ignition is built with cgo
  'gcc',
  'libc6-dev',
  'libblkid-dev',
] as const
/** What only test/real needs: most of what there is to download. */
export const realPackages = [
  'zsh',
  'fish',
  // run the executable for arm64
  'qemu-user',
  'libc6-arm64-cross',
  'libstdc++6-arm64-cross',
  'chromium-headless-shell',
] as const

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
const status = '${db:Status-Abbrev}'

/**
 * Installs what is missing, through apt-get, as root.
 * @throws Error with the command to run where this process can't
 */
export async function installMissing(packages: readonly string[]): Promise<readonly string[]> {
  const states = await Promise.all(
    packages.map(async (name) => ({
      name,
      installed: (await execa('dpkg-query', ['-W', '-f', status, name], { reject: false })).stdout.startsWith('ii'),
    })),
  )
  const missing = states.filter(({ installed }) => !installed).map(({ name }) => name)
  if (missing.length === 0) return []
  if (process.getuid?.() !== 0)
    throw new Error(`missing: ${missing.join(' ')}; run \`apt-get install ${missing.join(' ')}\` as root`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  // a machine's package lists may be old or missing: read them only when the first try has shown it
  if ((await execa('apt-get', install, { env, reject: false })).exitCode !== 0) {
    await execa('apt-get', ['update'], { env })
    await execa('apt-get', install, { env, stderr: 'inherit' })
  }
  return missing
}
