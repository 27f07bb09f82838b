import { readFile, writeFile } from 'node:fs/promises'
import type { LabHost } from './lab-host.ts'

/**
 * strace(1) put before a command line: writes down every execve of it and of all that it ever starts, argv and
 * environment in full. With a seccomp filter only these calls stop, so that a whole Kubernetes runs under it at speed;
 * and a process that got away from the tracer could start nothing: without one SECCOMP_RET_TRACE makes the call fail
 * with ENOSYS (seccomp(2)). So a trace misses nothing, however short a process lives.
 */
export function traced(trace: string, calls = 'execve,execveat'): readonly string[] {
  const full = ['-v', '--string-limit=1000000', '--signal=none', '--quiet=all', '--absolute-timestamps=format:unix,precision:us']
  return ['strace', '--follow-forks', '--seccomp-bpf', `--trace=${calls}`, ...full, `--output=${trace}`, '--']
}

/** From the host's next power on all of it runs under `traced`, its PID 1 first. */
export async function traceNextBoot(host: LabHost, trace: string): Promise<void> {
  const argv: readonly string[] = JSON.parse(await readFile(host.paths.supervisor, 'utf8'))
  const nspawn = argv.indexOf('systemd-nspawn')
  if (nspawn < 0) throw new Error('the supervisor starts no systemd-nspawn')
  await writeFile(host.paths.supervisor, JSON.stringify([...argv.slice(0, nspawn), ...traced(trace), ...argv.slice(nspawn)]))
}
