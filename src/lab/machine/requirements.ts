import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'

/** The programs that `lab` runs, each with its Debian package. */
const programs: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  flock: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ssh: 'openssh-client',
}

export interface Machine {
  readonly platform: string
  readonly uid: number | undefined
  readonly has: (program: string) => boolean
}

/**
 * Reports in one error everything that this machine needs for a lab and does not have, with the command that installs
 * it.
 * @throws KeelError `lab-machine` (exit 2)
 */
export function checkMachine(machine: Machine): void {
  if (machine.platform !== 'linux') {
    throw new KeelError({
      code: 'lab-machine',
      found: `this machine runs ${machine.platform}`,
      why: "the lab's hosts are Linux namespaces: systemd-nspawn, overlayfs, cgroups",
      todo: 'run it on a Linux machine or in a Linux virtual machine',
      exit: ExitCode.Usage,
    })
  }
  const missing = Object.entries(programs).filter(([program]) => !machine.has(program))
  const packages = [...new Set(missing.map(([, name]) => name))]
  const lacks = [...(machine.uid === 0 ? [] : ['root']), ...missing.map(([program]) => program)]
  if (lacks.length === 0) return
  const install =
    packages.length === 0
      ? undefined
      : `run \`${machine.uid === 0 ? '' : 'sudo '}apt-get install -y ${packages.join(' ')}\``
  const asRoot = machine.uid === 0 ? undefined : 'run it again as root'
  throw new KeelError({
    code: 'lab-machine',
    found: `this machine lacks programs or rights that the lab needs: ${lacks.join(', ')}`,
    todo: [install, asRoot].filter((step) => step !== undefined).join(', then '),
    exit: ExitCode.Usage,
  })
}

export function thisMachine(env: Readonly<Record<string, string | undefined>>): Machine {
  const path = (env.PATH ?? '').split(':')
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    has: (program) => path.some((directory) => isProgram(join(directory, program))),
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
