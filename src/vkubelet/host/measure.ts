import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import {
  bootTime,
  MEMORY_FILES,
  machineUsage,
  memoryOf,
  numberIn,
  statOf,
  TICK,
  type Usage,
} from '../cgroups/counters.ts'
import type { Measured, MeasuredContainer } from '../metrics/measured.ts'
import { unitName } from '../names/unit-name.ts'
import type { Pod } from '../pod/pod.ts'
import { cgroupOf } from './cgroup-of.ts'
import { diskLeft } from './disk-left.ts'
import { processesIn } from './port-of.ts'
import { processAt } from './process-at.ts'
import { systemctl } from './systemctl.ts'

/** What the Node and the containers of its Pods use now. @throws Error of the system, or systemctl's words */
export async function measure(pods: readonly Pod[]): Promise<Measured> {
  const [stat, meminfo, disk, mains] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/meminfo', 'utf8'),
    diskLeft(),
    mainProcesses(),
  ])
  const booted = bootTime(stat)
  const found = pods.flatMap((pod) =>
    [...pod.initContainers, ...pod.containers].flatMap(({ name }) => {
      const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: name })
      const main = mains.get(unit)
      return main === undefined ? [] : [{ pod, container: name, unit, main }]
    }),
  )
  const containers = await Promise.all(
    found.map(async ({ pod, container, unit, main }): Promise<readonly MeasuredContainer[]> => {
      const [usage, began] = await Promise.all([usageOf(unit, main), processAt(main)])
      if (usage === undefined || began === undefined) return []
      const started = Math.round(booted + (began.began * TICK) / 1e6)
      return [{ ...usage, namespace: pod.namespace, pod: pod.name, uid: pod.uid, container, started }]
    }),
  )
  return {
    time: Date.now(),
    node: { ...machineUsage(stat, meminfo), booted, total: (statOf(meminfo).get('MemTotal') ?? 0) * 1024 },
    disk,
    containers: containers.flat(),
  }
}

/** The main process of each unit of a container that has one. */
async function mainProcesses(): Promise<ReadonlyMap<string, number>> {
  const answer = await systemctl('show', '--property=Id,MainPID', '--', 'vks.*.service')
  return new Map(
    answer.split(/\n{2,}/).flatMap((paragraph) => {
      const id = /^Id=(.+)$/m.exec(paragraph)?.[1]
      const pid = /^MainPID=([1-9]\d*)$/m.exec(paragraph)?.[1]
      return id === undefined || pid === undefined ? [] : [[id, Number(pid)] as const]
    }),
  )
}

/**
 * From the cgroup of the unit, where the kernel counts there; else from its processes, of which those that have ended
 * may be missing.
 */
async function usageOf(unit: string, main: number): Promise<Usage | undefined> {
  try {
    const folders = (await cgroupOf(main)).filter(({ path }) => path.endsWith(`/${unit}`))
    const of = (controller: string) => folders.find(({ controllers }) => controllers.includes(controller))?.folder
    const whole = folders.find(({ controllers }) => controllers.length === 0)?.folder
    const [cpu, memory, processes] = await Promise.all([
      cpuIn(of('cpuacct'), whole),
      memoryIn(of('memory'), whole),
      processesIn(folders[0]?.folder, main),
    ])
    if (cpu !== undefined && memory !== undefined) return { cpu, ...memory }
    const counted = await Promise.all(processes.map(usageOfProcess))
    const sum = (key: keyof Usage) => counted.reduce((total, one) => total + (one?.[key] ?? 0), 0)
    return {
      cpu: cpu ?? sum('cpu'),
      ...(memory ?? { memory: sum('memory'), workingSet: sum('workingSet'), rss: sum('rss') }),
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'ENODEV')) return undefined
    throw error
  }
}

/** Nanoseconds. */
async function cpuIn(v1: string | undefined, v2: string | undefined): Promise<number | undefined> {
  if (v1 !== undefined) return numberIn((await textOf(v1, 'cpuacct.usage')) ?? '')
  if (v2 === undefined) return undefined
  const microseconds = statOf((await textOf(v2, 'cpu.stat')) ?? '').get('usage_usec')
  return microseconds === undefined ? undefined : microseconds * 1000
}

async function memoryIn(v1: string | undefined, v2: string | undefined): Promise<Omit<Usage, 'cpu'> | undefined> {
  const [version, folder] = v1 === undefined ? (['v2', v2] as const) : (['v1', v1] as const)
  if (folder === undefined) return undefined
  const [usage, stat] = await Promise.all([textOf(folder, MEMORY_FILES[version].usage), textOf(folder, 'memory.stat')])
  return usage === undefined ? undefined : memoryOf(version, usage, stat ?? '')
}

async function usageOfProcess(pid: number): Promise<Usage | undefined> {
  const [stat, status] = await Promise.all([processAt(pid), textOf(`/proc/${pid}`, 'status')])
  if (stat === undefined || status === undefined) return undefined
  const all = statOf(status.replaceAll('\t', ' '))
  const memory = (all.get('VmRSS') ?? 0) * 1024
  return { cpu: stat.ticks * TICK, memory, workingSet: memory, rss: (all.get('RssAnon') ?? 0) * 1024 }
}

async function textOf(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'ENODEV')) return undefined
    throw error
  }
}
