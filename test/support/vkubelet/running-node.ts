import { PassThrough } from 'node:stream'
import { expect } from 'vitest'
import type { RunningCommand } from '../../../src/vkubelet/host/run-in-container.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import type { CommandQuery } from '../../../src/vkubelet/remote-command/command-query.ts'
import type { Outcome } from '../../../src/vkubelet/remote-command/exit-status.ts'
import type { TerminalSize } from '../../../src/vkubelet/remote-command/terminal-size.ts'
import type { NodeView } from '../../../src/vkubelet/server/node-view.ts'
import { shownUnits } from '../../../src/vkubelet/state/shown-units.ts'
import { containerUnit } from '../../../src/vkubelet/units/container-unit.ts'
import { unitText } from '../../../src/vkubelet/units/unit-text.ts'
import { NODE, podObject, samplePod } from './sample-pod.ts'
import { shown } from './shown.ts'

const pod = samplePod()
const [container = expect.unreachable()] = pod.containers
const UNIT = unitName({ namespace: 'default', pod: 'uptimed', container: 'uptimed' })
const host = { hidden: [], mounts: [], mostTasks: 100, mostPods: 110 }
const text = unitText(containerUnit(pod, container, { program: ['/bin/true'], variables: new Set() }, { run: 0 }, host))

/** A Node with one Pod, whose one container runs. */
export const runningNode: NodeView = {
  name: NODE,
  pods: () => [podObject()],
  async unit(name) {
    const seen = name === UNIT ? shownUnits(shown({ Id: UNIT })).get(UNIT) : undefined
    return seen === undefined ? {} : { text, shown: seen }
  },
}

/** A stand-in for commands in a container: `cat`, which gives back what it gets, and `exit N`. */
export class CommandsInMemory {
  readonly begun: (readonly string[])[] = []
  readonly sizes: TerminalSize[] = []
  /** How many were told that nobody waits for them. */
  ended = 0
  /** How many run. */
  open = 0

  async run(_container: unknown, { command, stdin, stdout }: CommandQuery): Promise<RunningCommand> {
    this.begun.push(command)
    this.open += 1
    const input = new PassThrough()
    const output = new PassThrough()
    const { promise: outcome, resolve } = Promise.withResolvers<Outcome>()
    const finish = (code: number) => {
      output.end()
      resolve({ kind: 'exited', code })
    }
    outcome.finally(() => {
      this.open -= 1
    })
    if (command[0] === 'exit') finish(Number(command[1]))
    else {
      input.on('error', () => undefined)
      input.pipe(output)
      input.once('end', () => finish(0))
    }
    return {
      ...(stdin ? { stdin: input } : {}),
      ...(stdout ? { stdout: output } : {}),
      resize: async (size) => void this.sizes.push(size),
      end: () => {
        this.ended += 1
        finish(137)
      },
      outcome,
    }
  }
}
