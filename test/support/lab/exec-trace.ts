import { readFile, writeFile } from 'node:fs/promises'
import type { LabHost } from './lab-host.ts'

/**
 * The words of strace(1) before a command line. It records every execve of the command and of all that it starts, with
 * complete argv and environment. With a seccomp filter only these calls stop, so a whole Kubernetes runs at full speed.
 * A process that escapes from the tracer could start nothing: without a tracer, SECCOMP_RET_TRACE makes the call fail
 * with ENOSYS (seccomp(2)). So a trace misses no process, even a very short one.
 */
export function traced(trace: string, calls = 'execve,execveat'): readonly string[] {
  const full = [
    '-v',
    '--string-limit=1000000',
    '--signal=none',
    '--quiet=all',
    '--absolute-timestamps=format:unix,precision:us',
  ]
  return ['strace', '--follow-forks', '--seccomp-bpf', `--trace=${calls}`, ...full, `--output=${trace}`, '--']
}

/** From the next boot on, the whole host runs under `traced`, beginning with its PID 1. */
export async function traceNextBoot(host: LabHost, trace: string): Promise<void> {
  const argv: readonly string[] = JSON.parse(await readFile(host.paths.supervisor, 'utf8'))
  const nspawn = argv.indexOf('systemd-nspawn')
  if (nspawn < 0) throw new Error('the supervisor starts no systemd-nspawn')
  await writeFile(
    host.paths.supervisor,
    JSON.stringify([...argv.slice(0, nspawn), ...traced(trace), ...argv.slice(nspawn)]),
  )
}
