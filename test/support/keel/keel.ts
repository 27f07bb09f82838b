import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from 'vitest'
import { checkOutput } from './valid-output.ts'

/** The program itself, as the shell of a user starts it. */
export const keelArgv = [process.execPath, fileURLToPath(new URL('../../../bin/keel.js', import.meta.url))] as const

/** One run of keel that has ended. */
export interface Run {
  readonly args: readonly string[]
  /** Its exit status. 128 + n if signal n ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface KeelOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** keel in one inventory. It remembers everything that it has ever printed. */
export class Keel {
  readonly runs: Run[] = []
  readonly #options: KeelOptions

  constructor(options: KeelOptions) {
    this.#options = options
  }

  /** Another keel in the same inventory, with `env` in addition to this one's, or in another folder. */
  with(options: Partial<KeelOptions>): Keel {
    return new Keel({ cwd: options.cwd ?? this.#options.cwd, env: { ...this.#options.env, ...options.env } })
  }

  /** Starts it and returns the running process. `wrapper` comes before its command line. */
  start(args: readonly string[], options: { readonly input?: string; readonly wrapper?: readonly string[] } = {}) {
    const { input = '', wrapper = [] } = options
    const [program, ...rest] = [...wrapper, ...keelArgv, ...args]
    const started = performance.now()
    const child = execa(program ?? '', rest, { cwd: this.#options.cwd, env: this.#options.env, input, reject: false })
    const ended = child.then(({ exitCode, signal, stdout, stderr }): Run => {
      const seconds = (performance.now() - started) / 1000
      const run = { args, exitCode: exitCode ?? (signal === 'SIGKILL' ? 137 : 128), stdout, stderr, seconds }
      this.runs.push(run)
      checkOutput(args, stdout, run.exitCode)
      return run
    })
    return { child, ended }
  }

  run(...args: readonly string[]): Promise<Run> {
    return this.start(args).ended
  }

  /** Runs `keel secret set`. */
  async set(secret: string, value: string): Promise<void> {
    const { exitCode, stderr } = await this.start(['secret', 'set', secret], { input: value }).ended
    expect(exitCode, stderr).toBe(0)
  }

  /** Runs it. Fails the test, with the whole output, unless it ends with `exitCode`. */
  async expect(exitCode: number, ...args: readonly string[]): Promise<Run> {
    const run = await this.run(...args)
    expect(run.exitCode, `keel ${args.join(' ')}\n${run.stdout}\n${run.stderr}`).toBe(exitCode)
    return run
  }
}
