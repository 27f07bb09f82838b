import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import { ExitCode, KeelError } from '../../errors.ts'
import applyIgnition from '../../templates/lab/apply-ignition.sh'
import { hostOf, readLab, writeLab } from '../description.ts'
import { disks, isRunning, powerOn, waitForBoot } from '../host/host.ts'
import { withFileLock } from '../machine/file-lock.ts'
import { type HostPaths, hostPaths, labLock, labPaths } from '../state.ts'
import type { Work } from '../work.ts'
import { ensureIgnition } from './ignition.ts'

/**
 * The first boot of a Flatcar look-alike: Ignition applies the config to its disk, then the machine boots and creates
 * its host key.
 * @param config the file of an Ignition config
 * @returns the key, in the form that a machine shows on its console: `ssh-ed25519 AAAA…`
 * @throws KeelError `lab-not-flatcar`, `lab-provisioned` (exit 2), `lab-ignition` with the output of Ignition (the disk
 * is then as before), `lab-boot`, `lab-busy` (exit 5)
 */
export async function provisionHost(name: string, hostName: string, config: string, work: Work): Promise<string> {
  const lab = await readLab(name, work.env)
  const host = hostOf(lab, hostName)
  if (host.os !== 'flatcar')
    throw refused('lab-not-flatcar', hostName, 'a Debian host has no Ignition', 'choose one of `lab up --flatcar`')
  if (host.hostKey !== undefined || (await isRunning(name, hostName))) {
    throw refused(
      'lab-provisioned',
      hostName,
      'this machine has had its first boot, and Ignition runs at no other',
      `\`keel lab down --name ${name}\`, then \`keel lab up\` again, gives it a new disk`,
    )
  }
  const paths = labPaths(work.env, name)
  const own = hostPaths(paths, hostName)
  await ignite(own, config, await ensureIgnition(work), hostName)
  await powerOn(paths, hostName)
  await waitForBoot(paths, name, host, () => lab.images.length === 0 || existsSync(own.imagesMarker), work.signal)
  const hostKey = await keyMade(own)
  // several hosts may have their first boot at the same time
  await withFileLock(labLock(work.env, name), 30, async () => {
    const now = await readLab(name, work.env)
    await writeLab(
      { ...now, hosts: now.hosts.map((one) => (one.name === hostName ? { ...one, hostKey } : one)) },
      work.env,
    )
  })
  return hostKey
}

async function ignite(own: HostPaths, config: string, ignition: string, at: string): Promise<void> {
  const [, , layers = ''] = z.array(z.string()).parse(JSON.parse(await readFile(own.supervisor, 'utf8')))
  const scratch = await mkdtemp(join(tmpdir(), 'keel-ignition-'))
  try {
    const inside = Object.entries(disks).map(([disk, path]) => `${join(own.disks, disk)}:${path}`)
    const argv = [
      '--mount',
      '--propagation',
      'private',
      'bash',
      '-c',
      applyIgnition,
      'apply-ignition',
      ignition,
      own.directory,
      layers,
    ]
    // the files on the host must not get the user id of this machine's user
    const env = { IGNITION_CONFIG_FILE: config, IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT: 'false' }
    const applied = await execa('unshare', [...argv, scratch, ...inside], {
      env,
      reject: false,
      all: true,
      stdin: 'ignore',
    })
    if (!applied.failed) return
    const said = applied.all.split('\n').filter((line) => /CRITICAL|ERROR|[Ee]rror|not found/.test(line))
    throw new KeelError({
      code: 'lab-ignition',
      at,
      found: `Ignition refused ${config}:\n${(said.length > 0 ? said : applied.all.split('\n')).slice(-6).join('\n')}`,
      todo: 'correct the config, and provision the host again',
    })
  } finally {
    await rm(scratch, { recursive: true })
  }
}

/** Reads the key from the disk, not over the network, as an administrator reads it from the console. */
async function keyMade({ upper }: HostPaths): Promise<string> {
  const line = await readFile(join(upper, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
  return line.split(' ').slice(0, 2).join(' ')
}

function refused(code: string, at: string, found: string, todo: string): KeelError {
  return new KeelError({ code, at, found, todo, exit: ExitCode.Usage })
}
