import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { until } from '../until.ts'
import type { BootedLab } from './booted-lab.ts'
import type { LabHost } from './lab-host.ts'

const keptOf = ({ paths }: LabHost) => join(paths.directory, 'as-it-came')

/** Keeps the disk of a host that is off, for `newMachine`. */
export async function keepDisk(host: LabHost): Promise<void> {
  await execa('cp', ['--archive', host.paths.upper, keptOf(host)])
}

/**
 * Another machine in the place of a host, with the disk that was kept, empty disks beside it, and a host key of its own.
 * Nothing that was on the host since then is on it.
 * @returns the public half of that key
 */
export async function newMachine({ lab }: Pick<BootedLab, 'lab'>, host: LabHost): Promise<string> {
  const { directory, upper, disks, imagesMarker } = host.paths
  await lab('power-off', host.name)
  await rm(upper, { recursive: true })
  await execa('cp', ['--archive', keptOf(host), upper])
  for (const path of [join(directory, 'work'), ...(await readdir(disks)).map((name) => join(disks, name))]) {
    await rm(path, { recursive: true })
    await mkdir(path)
  }
  const key = join(upper, 'etc/ssh/ssh_host_ed25519_key')
  for (const file of [key, `${key}.pub`]) await rm(file)
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key])
  await lab('start', host.name)
  await until('its containerd has the images', () => existsSync(imagesMarker), 180, 200)
  return host.sh('cat /etc/ssh/ssh_host_ed25519_key.pub')
}
