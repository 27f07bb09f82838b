import { execFile } from 'node:child_process'

export interface Ended {
  /** Absent: it took too long, or was killed. */
  readonly exitCode?: number
  readonly stdout: string
  readonly stderr: string
}

/** Bytes of each of the two. */
const MOST = 8_388_608
/** No setting of the program's own environment reaches apt, which takes many. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
}

/** Runs a program and waits. Never throws for how it ends. @param longest milliseconds */
export function runOnce(
  [program = '', ...args]: readonly string[],
  longest: number,
  signal?: AbortSignal,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: longest, maxBuffer: MOST, cwd: '/', ...(signal ? { signal } : {}) }
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      resolve({
        ...(typeof code === 'number' ? { exitCode: code } : {}),
        stdout,
        stderr: stderr || (error?.message ?? ''),
      })
    })
  })
}
