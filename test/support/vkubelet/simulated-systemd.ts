import { expect } from 'vitest'
import type { SeenUnit } from '../../../src/vkubelet/reconcile/world.ts'
import { shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { shown, shownEnded } from './shown.ts'

interface Loaded {
  text: string
  state: 'running' | 'exited' | 'failed'
  readonly invocation: string
  readonly started: number
  code: number
  status: number
  finished: number
  tasks: number
}

interface Ended {
  readonly code: number
  readonly status: number
  readonly isGood?: boolean
}

const stamp = (milliseconds: number) =>
  `Mon ${new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000')} UTC`

function end(one: Loaded, now: number, { code, status, isGood = code === 1 && status === 0 }: Ended): void {
  Object.assign(one, { state: isGood ? 'exited' : 'failed', code, status, finished: now, tasks: 0 })
}

/**
 * A systemd in memory, with the rules that the reconciler counts on: it fails the test where the reconciler breaks one.
 * Real systemd shows these rules in test/e2e/vkubelet/. Times are in milliseconds.
 */
export class SimulatedSystemd {
  readonly files = new Map<string, string>()
  readonly loaded = new Map<string, Loaded>()
  /** Units whose main process does not end by SIGTERM. */
  readonly ignoreTerm = new Set<string>()
  #count = 0

  /** Its units, as a program sees them. */
  units(): Map<string, SeenUnit> {
    const text = [...this.loaded].map(([unit, one]) => this.#shown(unit, one)).join('\n')
    const systemd = shownUnits(text)
    const units = new Map<string, SeenUnit>()
    for (const unit of new Set([...this.files.keys(), ...systemd.keys()])) {
      const [file, loaded] = [this.files.get(unit), systemd.get(unit)]
      units.set(unit, {
        ...(file === undefined ? {} : { text: file }),
        ...(loaded === undefined ? {} : { shown: loaded }),
      })
    }
    return units
  }

  get running(): readonly string[] {
    return [...this.loaded]
      .filter(([, { state }]) => state === 'running')
      .map(([unit]) => unit)
      .toSorted()
  }

  remove(unit: string): void {
    expect(this.loaded.get(unit)?.state ?? 'gone', 'removes a unit that runs').not.toBe('running')
    this.files.delete(unit)
  }

  reload(): void {
    for (const [unit, one] of this.loaded) one.text = this.files.get(unit) ?? one.text
  }

  /** @returns the text of what it runs */
  run(unit: string, now: number): string {
    const before = this.loaded.get(unit)
    expect(before?.state ?? 'gone', `${unit} is started while it runs`).not.toBe('running')
    const text = before?.text ?? this.files.get(unit) ?? expect.unreachable(`no file of ${unit}`)
    expect(this.files.get(unit), `${unit} is started as it was before`).toBe(text)
    this.#count += 1
    const invocation = this.#count.toString(16).padStart(32, '0')
    const times = { started: now, finished: 0, code: 0, status: 0 }
    this.loaded.set(unit, { text, state: 'running', invocation, tasks: 1, ...times })
    return text
  }

  /** A main process ends by itself. */
  exit(unit: string, status: number, now: number): void {
    const one = this.loaded.get(unit)
    if (one?.state === 'running') end(one, now, { code: 1, status })
  }

  signal(unit: string, signal: 'SIGTERM' | 'SIGKILL', now: number): void {
    const one = this.loaded.get(unit)
    if (one === undefined) return
    if (signal === 'SIGKILL') {
      one.tasks = 0
      if (one.state === 'running') end(one, now, { code: 2, status: 9 })
      return
    }
    // for systemd this is a clean end
    if (!this.ignoreTerm.has(unit)) end(one, now, { code: 2, status: 15, isGood: true })
  }

  #shown(unit: string, one: Loaded): string {
    const common = {
      Id: unit,
      InvocationID: one.invocation,
      ExecMainStartTimestamp: stamp(one.started),
      NeedDaemonReload: this.files.has(unit) && this.files.get(unit) !== one.text ? 'yes' : 'no',
      TasksCurrent: `${one.tasks}`,
    }
    if (one.state === 'running') return shown({ ...common, MainPID: `${1000 + Number.parseInt(one.invocation, 16)}` })
    const isGood = one.state === 'exited'
    return shownEnded(one.code, one.status, {
      ...common,
      ActiveState: isGood ? 'active' : 'failed',
      SubState: isGood ? 'exited' : 'failed',
      ExecMainExitTimestamp: stamp(one.finished),
    })
  }
}
