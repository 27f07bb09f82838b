import { spawn } from 'node:child_process'

/** What is typed when this text is the last thing on the screen. */
export type Answer = readonly [shown: string, typed: string]

/** What a program behind a terminal has shown, its exit status, and the answers that nothing asked for. */
export interface Typed {
  readonly screen: string
  readonly end: number | null
  readonly left: readonly Answer[]
}

/** Seconds after which the program is ended: its screen then says which answer it waits for. */
const patience = 90

/** Runs a command line of sh behind a real pseudo-terminal (script(1)), and types the answers in their order. */
export async function typed(
  command: string,
  {
    cwd,
    env,
    columns = 80,
  }: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly columns?: number
  },
  answers: readonly Answer[],
): Promise<Typed> {
  const sized = `stty cols ${columns} rows 40; ${command}`
  const child = spawn('script', ['-qec', sized, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const limit = setTimeout(() => child.kill('SIGHUP'), patience * 1000)
  const end = new Promise<number | null>((resolve) => child.once('close', resolve))
  const left = [...answers]
  let screen = ''
  let read = 0
  for await (const chunk of child.stdout) {
    screen += chunk
    const [next] = left
    if (next === undefined || !screen.includes(next[0], read)) continue
    read = screen.length
    child.stdin.write(next[1])
    left.shift()
  }
  clearTimeout(limit)
  return { screen, end: await end, left }
}
