import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import type { LabHost as Described } from '../../../src/lab/description.ts'
import { findCgroups, processesOf } from '../../../src/lab/machine/cgroups.ts'
import { hostNamespace } from '../../../src/lab/names.ts'
import { hostPaths, labPaths } from '../../../src/lab/state.ts'

/** What systemd shows of a unit. A restart changes the first three values. */
export interface UnitRun {
  readonly InvocationID: string
  readonly ActiveEnterTimestampMonotonic: string
  readonly MainPID: string
  readonly ActiveState: string
}

/**
 * A host of a lab, seen from outside through its namespaces and its disk. So a test neither needs its sshd nor leaves
 * entries in its logs.
 */
export class LabHost {
  readonly described: Described
  readonly #lab: string

  constructor(lab: string, described: Described) {
    this.#lab = lab
    this.described = described
  }

  get name(): string {
    return this.described.name
  }

  /** Known before the first boot, except for a Flatcar look-alike. */
  get hostKey(): string {
    const { hostKey } = this.described
    if (hostKey === undefined) throw new Error(`${this.name} has no key yet`)
    return hostKey
  }

  /**
   * The paths of the host on this machine: the upper layer of its overlay (`upper`) and the disks outside of it
   * (`disks`).
   */
  get paths() {
    return hostPaths(labPaths(process.env, this.#lab), this.name)
  }

  /** The ids of all processes of the host on this machine. */
  async processes(): Promise<readonly number[]> {
    const cgroups = await findCgroups((name) => name === hostNamespace(this.#lab, this.name))
    return [...new Set((await Promise.all(cgroups.map(processesOf))).flat())]
  }

  /**
   * The id of the host's PID 1 on this machine. It has two levels of pid namespaces (proc(5), NSpid), while containers
   * have three.
   */
  async firstProcess(): Promise<number> {
    for (const id of await this.processes()) {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
      if (/^NSpid:\t\d+\t1$/m.test(status)) return id
    }
    throw new Error(`${this.name} is off`)
  }

  /** Runs a bash script on the host. @returns its stdout @throws ExecaError if it fails */
  async sh(script: string, input = ''): Promise<string> {
    return (await this.#run(script, { input })).stdout
  }

  /** Copies a file of this machine to the host, as a new file. */
  async receive(file: string, path: string): Promise<void> {
    await this.#run(`install -d "$(dirname '${path}')" && cat > '${path}'`, { inputFile: file })
  }

  async #run(script: string, stdin: { readonly input: string } | { readonly inputFile: string }) {
    const argv = [
      '--all',
      '--target',
      `${await this.firstProcess()}`,
      'bash',
      '--norc',
      '-euo',
      'pipefail',
      '-c',
      script,
    ]
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C' }
    return execa('nsenter', argv, { ...stdin, env, extendEnv: false, encoding: 'utf8' })
  }

  async unit(name = this.k3sUnit): Promise<UnitRun> {
    const properties = ['InvocationID', 'ActiveEnterTimestampMonotonic', 'MainPID', 'ActiveState'] as const
    const shown = await this.sh(`systemctl show --property=${properties.join(',')} -- ${name}`)
    const values = new Map(
      shown.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const one = (property: (typeof properties)[number]) => values.get(property) ?? ''
    return {
      InvocationID: one('InvocationID'),
      ActiveEnterTimestampMonotonic: one('ActiveEnterTimestampMonotonic'),
      MainPID: one('MainPID'),
      ActiveState: one('ActiveState'),
    }
  }

  get k3sUnit(): string {
    const { role, os } = this.described
    return role === 'server' || os === 'nixos' ? 'k3s.service' : 'k3s-agent.service'
  }
}
