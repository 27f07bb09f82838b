import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from '../../../src/agent/kubernetes/api.ts'
import { PodEvents } from '../../../src/vkubelet/api/pod-events.ts'
import { PodReports } from '../../../src/vkubelet/api/pod-reports.ts'
import type { PodIdentity } from '../../../src/vkubelet/pod/pod.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const podOf = (uid: string): PodIdentity => ({ namespace: 'default', name: uid, uid })

/** An API server that answers each question after so many milliseconds, and counts. */
class SlowApi {
  readonly asked: string[] = []
  readonly told: string[] = []
  readonly failing = new Map<string, ApiError>()
  open = 0
  mostOpen = 0
  readonly reports = new PodReports({
    report: (pod, patch) => this.#answer(pod, `${pod.uid} ${JSON.stringify(patch)}`),
    remove: (pod) => this.#answer(pod, `${pod.uid} removed`),
    failed: ({ uid }, _error, isNews) => this.told.push(`${uid} ${isNews}`),
  })

  async #answer({ uid }: PodIdentity, question: string): Promise<void> {
    this.asked.push(question)
    this.open += 1
    this.mostOpen = Math.max(this.mostOpen, this.open)
    await new Promise((resolve) => setTimeout(resolve, 100))
    this.open -= 1
    const error = this.failing.get(uid)
    if (error !== undefined) throw error
  }

  report(uid: string, value: unknown): void {
    this.reports.report(podOf(uid), { value }, () => ({ value }))
  }
}

describe('reports', () => {
  test('of many Pods go side by side, and not all at once', async () => {
    const api = new SlowApi()
    for (let index = 0; index < 100; index++) api.report(`p${index}`, 1)
    await vi.advanceTimersByTimeAsync(1_300)
    expect([api.asked.length, api.mostOpen, api.open]).toEqual([100, 8, 0])
  })

  test('of one Pod come in order: a newer one replaces what has not gone out, and its object goes last', async () => {
    const api = new SlowApi()
    for (const value of [1, 2, 3]) api.report('a', value)
    api.reports.remove(podOf('a'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(api.asked).toEqual(['a {"value":1}', 'a {"value":3}', 'a removed'])
  })

  test('that have arrived are not told again until the watch had time to show them', async () => {
    const api = new SlowApi()
    api.report('a', 1)
    await vi.advanceTimersByTimeAsync(500)
    api.report('a', 1)
    await vi.advanceTimersByTimeAsync(500)
    expect(api.asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2_000)
    api.report('a', 1)
    await vi.advanceTimersByTimeAsync(500)
    expect(api.asked).toHaveLength(2)
  })

  test('that are refused are tried again after growing pauses, and keep nobody from theirs', async () => {
    const api = new SlowApi()
    api.failing.set('bad', new ApiError('no', { status: 500 }))
    for (let second = 0; second < 60; second++) {
      api.report('bad', 1)
      api.report('good', second)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    const tries = api.asked.filter((one) => one.startsWith('bad'))
    expect(tries.length).toBeGreaterThan(5)
    expect(tries.length).toBeLessThan(12)
    expect(api.asked.filter((one) => one.startsWith('good'))).toHaveLength(60)
    // told the 1st, 2nd, 4th and 8th time at most
    expect(api.told.filter((one) => one === 'bad true').length).toBeLessThanOrEqual(4)
    api.failing.clear()
    await vi.advanceTimersByTimeAsync(15_000)
    api.report('bad', 2)
    await vi.advanceTimersByTimeAsync(500)
    expect(api.asked.at(-1)).toBe('bad {"value":2}')
  })

  test('that come in a pause are not told after it', async () => {
    const api = new SlowApi()
    api.failing.set('a', new ApiError('no', { status: 500 }))
    api.report('a', 1)
    await vi.advanceTimersByTimeAsync(200)
    api.failing.clear()
    api.report('a', 'old')
    await vi.advanceTimersByTimeAsync(5_000)
    api.reports.remove(podOf('a'))
    await vi.advanceTimersByTimeAsync(500)
    expect(api.asked).toEqual(['a {"value":1}', 'a removed'])
  })

  test('of nobody who answers are no news of a Pod', async () => {
    const api = new SlowApi()
    api.failing.set('a', new ApiError('does not answer'))
    api.report('a', 1)
    await vi.advanceTimersByTimeAsync(500)
    expect(api.told).toEqual(['a false'])
  })

  test('whose status fails do not remove the object', async () => {
    const api = new SlowApi()
    api.failing.set('a', new ApiError('no', { status: 500 }))
    api.report('a', 1)
    api.reports.remove(podOf('a'))
    await vi.advanceTimersByTimeAsync(500)
    expect(api.asked).toEqual(['a {"value":1}'])
  })
})

describe('Events', () => {
  const event = { type: 'Warning', reason: 'Unhealthy', message: 'x' } as const
  const eventsOf = (posted: string[]) =>
    new PodEvents({
      post: async ({ uid }, { message }, count) => void posted.push(`${uid} ${message} ${count}`),
      failed: () => undefined,
    })

  test('that come again and again are told ever less often, with their count', async () => {
    const posted: string[] = []
    const events = eventsOf(posted)
    for (let second = 0; second < 20; second++) events.tell(podOf('a'), event, second * 1_000)
    events.tell(podOf('b'), event, 20_000)
    events.tell(podOf('a'), { ...event, message: 'y' }, 20_000)
    // after a long time it is new again
    events.tell(podOf('a'), event, 700_000)
    await vi.advanceTimersByTimeAsync(0)
    expect(posted).toEqual(['a x 1', 'a x 2', 'a x 4', 'a x 8', 'a x 16', 'b x 1', 'a y 1', 'a x 1'])
  })
})
