import { ExitCode, KeelError } from '../../errors.ts'
import type { RunResult } from '../../ssh/transport.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { type Dialect, dialectOf } from '../causes/dialect.ts'
import { findCause } from '../causes/find-cause.ts'
import { parseJournal } from '../causes/journal.ts'
import { HostExit } from './host-script.ts'

/** What each step has left on the host when it fails. */
const done = {
  stage: 'nothing was changed on the host',
  activate: 'some of its files may be new; none is half written, and keel remembers a pending restart',
  verify: 'its files match the inventory, and its services were told to start',
} as const

/** The script on the host removes what it has received as soon as its connection is gone. */
const cutOff = `${done.stage}; the host removes the staged files when it notices the broken connection, or the next deploy does`

/** A connection that broke during a step: the error of the transport, and what that step has left on the host. */
export function lostDuring(host: string, phase: keyof typeof done, error: KeelError): KeelError {
  return new KeelError({
    ...error,
    at: error.at ?? host,
    why: [error.why, phase === 'stage' ? cutOff : `unless the connection broke half-way: ${done[phase]}`]
      .filter(Boolean)
      .join('; '),
    // a host that sends too much is not off
    todo: `${error.code === 'ssh-garbled' ? `${error.todo}; then` : 'when the host answers,'} run \`keel deploy ${host}\`: it continues from here`,
    cause: error,
  })
}

/** A host script's exit status → what went wrong, what was done, how to go on. */
export function hostFailure(
  { host, places, distribution }: Pick<Rendered, 'host' | 'places' | 'distribution'>,
  phase: keyof typeof done,
  { exitCode, stdout, stderr }: RunResult,
): KeelError {
  const goOn = `fix the cause shown above, then run \`keel deploy ${host}\`: it continues from here`
  switch (exitCode) {
    case HostExit.Locked:
      return new KeelError({
        code: 'locked',
        at: host,
        found: 'another keel is working on this host',
        todo: 'wait until it is done, then deploy again',
        exit: ExitCode.Locked,
      })
    case HostExit.Changed:
      return new KeelError({
        code: 'changed-meanwhile',
        at: host,
        found: 'the host has changed since keel probed it',
        why: done.stage,
        todo: `run \`keel plan ${host}\` and deploy again`,
      })
    case HostExit.CannotDecrypt:
      return new KeelError({
        code: 'cannot-decrypt',
        at: host,
        found: 'the host cannot decrypt its new secrets',
        why: done[phase],
        todo: 'check `systemd-creds encrypt --with-key=host` on the host',
      })
    case HostExit.WrongHash:
      return new KeelError({
        code: 'wrong-hash',
        at: host,
        found: 'a file did not arrive as it was sent',
        why: done[phase],
        todo: 'check the connection, then deploy again',
      })
    case HostExit.HasData:
      return new KeelError({
        code: 'ca-too-late',
        at: host,
        found: "k3s created its own data before the cluster's CA was in place",
        why: done[phase],
        todo: `wipe ${places.data} on the host, then deploy again`,
      })
    case HostExit.NotMerged:
      return new KeelError({
        code: 'not-merged',
        at: host,
        found: `systemd did not merge the extension as it was pinned: ${lastLines(stderr)}`,
        why: 'systemd ignores an image with another ID or architecture than the system; keel has restored the link to the previous image',
        todo: goOn,
      })
    case HostExit.FirewallRefused:
      return new KeelError({
        code: 'firewall-refused',
        at: host,
        found: `nft on the host refuses the firewall: ${stderr.trim().split('\n').slice(0, 3).join(' · ')}`,
        why: done[phase],
        todo: 'correct the line that nft reports; for a kernel without nf_tables set `firewall: false`',
      })
    case HostExit.BuildFailed:
      return new KeelError({
        code: 'build-failed',
        at: host,
        found: `its system could not be built: ${lastLines(stderr, 12)}`,
        why: done[phase],
        todo: goOn,
      })
    case HostExit.NotImported:
      return new KeelError({
        code: 'module-not-imported',
        at: host,
        found: `hosts/${host}/k3s.nix is not part of the system that was built`,
        why: done[phase],
        todo: `add ./hosts/${host}/k3s.nix to the imports of its configuration`,
      })
    case HostExit.CannotDecryptSecret:
      return new KeelError({
        code: 'cannot-decrypt',
        at: host,
        found: `the host cannot decrypt ${lastLines(stderr)} with its host key`,
        why: done[phase],
        todo: `check hostKey in hosts/${host}, then \`keel rekey\``,
      })
    case HostExit.SwitchFailed:
      return new KeelError({
        code: 'switch-failed',
        at: host,
        found: `its system could not be switched: ${lastLines(stderr, 12)}`,
        why: done[phase],
        todo: goOn,
      })
    case HostExit.UnsafePath:
      return new KeelError({
        code: 'unsafe-path',
        at: host,
        found: lastLines(stderr, 1),
        why: `keel follows a link only in a folder that only root can write; ${done[phase]}`,
        todo: `make the path real folders, or name the real path under \`files\`, then run \`keel deploy ${host}\``,
      })
    case HostExit.NoSpace:
      return new KeelError({
        code: 'no-space',
        at: host,
        found: noSpaceText(stderr),
        why: done[phase],
        todo: `free some space there, then run \`keel deploy ${host}\``,
      })
    case HostExit.NotWritable:
      return new KeelError({
        code: 'not-writable',
        at: host,
        found: `its file system ${lastLines(stderr, 1)} accepts no new files, not even from root`,
        why: done[phase],
        todo: `see \`findmnt ${lastLines(stderr, 1)}\` on the host: is it read-only? Then run \`keel deploy ${host}\``,
      })
    case HostExit.Unhealthy:
      return unhealthy(host, stdout, dialectOf(distribution))
    default:
      return new KeelError({
        code: `${phase}-failed`,
        at: host,
        found: `the ${phase} script ended with ${exitCode}: ${lastLines(stderr)}`,
        why: done[phase],
        todo: goOn,
      })
  }
}

function lastLines(stderr: string, lines = 3): string {
  return stderr.trim().split('\n').slice(-lines).join(' · ')
}

function unhealthy(host: string, stdout: string, dialect: Dialect): KeelError {
  const lines = stdout.split('\n')
  const reason =
    lines.find((line) => line.startsWith('failed: '))?.slice('failed: '.length) ?? 'it did not become healthy'
  const { heard, lastLines } = parseJournal(stdout)
  const cause = findCause(heard, lines.includes('gone: yes'), dialect)
  const said = cause === undefined ? '' : `; from its journal:${indented(cause.lines)}`
  const journal =
    lastLines.length === 0 ? '' : `${said === '' ? '; ' : '\n  '}the last lines of its journal:${indented(lastLines)}`
  return new KeelError({
    code: 'unhealthy',
    at: host,
    found: `${reason}${said}${journal}`,
    why: [cause?.why, done.verify].filter(Boolean).join('; '),
    todo: `${cause?.cure ?? 'fix the cause shown above'}; then run \`keel deploy ${host}\`: it continues from here`,
  })
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join('')
}

/** `MOUNT bytes|inodes NEEDED FREE`, with tabs between (src/templates/host/space.sh). */
function noSpaceText(stderr: string): string {
  const [mount = '', unit, needed, free] = lastLines(stderr, 1).split('\t')
  const amount = (count: string | undefined) =>
    unit === 'bytes' ? `${(Number(count) / 1_000_000).toFixed(1)} MB` : `${Number(count)} files (inodes)`
  return `its file system ${mount} has no room: ${amount(needed)} needed, ${amount(free)} free`
}
