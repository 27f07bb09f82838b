import { setTimeout as sleep } from 'node:timers/promises'
import type { PodsOfNode } from './api/pods-of-node.ts'
import { isAlive } from './host/is-alive.ts'
import { makePlaces } from './host/pod-directories.ts'
import { watchFolder } from './host/watch-folder.ts'
import type { NodeWanted } from './node-wanted.ts'
import { PodMemory } from './pod-memory.ts'
import { reasonOf } from './reason-of.ts'
import { stepOfNode } from './step-of-node.ts'

/**
 * Milliseconds between two looks at systemd while nothing comes from the API server; the shorter one while units have just
 * been told to start, the longer ones while nothing is in motion on the host: the longest where the system tells of files that
 * somebody edits. A look at 100 units takes 0.1 s of a core, and 0.15 s of systemd's.
 */
const LOOK_SOON = 50
const LOOK_AGAIN = 1_000
const LOOK_AT_REST = { blind: 10_000, watching: 30_000 }
/** Milliseconds: a step that took some time is followed by a pause as long, so that the program takes half a core at most. */
const LONGEST_BREATH = 500

/** Step after step, until `signal`. @param onWake gets what begins the next step at once */
export async function keepPods(
  wanted: NodeWanted,
  pods: PodsOfNode,
  onWake: (wake: () => void) => void,
): Promise<never> {
  const { folders, log, signal } = wanted
  let isTouched = false
  const isWatching = watchFolder(folders.units, () => (isTouched = true), signal)
  const rest = isWatching ? LOOK_AT_REST.watching : LOOK_AT_REST.blind
  let wake = () => {}
  const memory = new PodMemory(wanted, () => wake())
  await makePlaces(folders).catch((error: unknown) => log.warn(`the directories of Pods: ${reasonOf(error)}`))
  signal.addEventListener('abort', () => memory.health.stop(), { once: true })
  for (let failure = ''; ; ) {
    let isWoken = false
    const woken = new Promise<void>((resolve) => {
      wake = () => {
        isWoken = true
        resolve()
      }
      onWake(wake)
    })
    isTouched = false
    const began = performance.now()
    let next: Awaited<ReturnType<typeof stepOfNode>> = { kind: 'again' }
    try {
      if (pods.objects !== undefined) next = await stepOfNode(wanted, pods.objects, memory)
      failure = ''
    } catch (error) {
      // once, and not each second
      if (failure !== reasonOf(error)) log.error(`a step of the Pods: ${reasonOf(error)}`)
      failure = reasonOf(error)
    }
    const breath = Math.min(performance.now() - began, LONGEST_BREATH)
    await sleep(next.kind === 'soon' ? Math.max(breath, LOOK_SOON) : breath, undefined, { signal })
    const mayRest = () => !isWoken && !isTouched && next.kind === 'rest' && next.processes.every(isAlive)
    if (next.kind !== 'soon') await Promise.race([woken, pause(rest, mayRest, signal)])
    signal.throwIfAborted()
  }
}

/** Until it is time for another look at systemd: later, as long as nothing can have changed there by itself. */
async function pause(longest: number, mayRest: () => boolean, signal: AbortSignal): Promise<void> {
  const latest = Date.now() + longest
  do await sleep(LOOK_AGAIN, undefined, { signal })
  while (mayRest() && Date.now() < latest)
}
