import type { LabHost } from './lab-host.ts'

/** What the sshd of a host has seen of its clients. */
export interface WireCount {
  readonly logins: number
  readonly execs: number
}

/** Makes the sshd of the host log each session that it starts. `wireCounts` needs this. */
export async function logSessions(host: LabHost): Promise<void> {
  await host.sh('echo LogLevel VERBOSE > /etc/ssh/sshd_config.d/00-test.conf; systemctl reload ssh')
}

/**
 * Runs `work` and counts, by host, what reaches its sshd in that time. OpenSSH's session.c:
 * `Starting session: command for USER from …`.
 */
export async function wireCounts(
  hosts: readonly LabHost[],
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, WireCount>>> {
  const cursors = await Promise.all(
    hosts.map((host) =>
      host.sh("journalctl --sync; journalctl --lines=1 --show-cursor --quiet | sed -n 's/^-- cursor: //p'"),
    ),
  )
  await work()
  const counted = await Promise.all(
    hosts.map(async (host, index): Promise<readonly [string, WireCount]> => {
      const since = `journalctl --sync; journalctl --unit=ssh --output=cat --quiet --after-cursor='${cursors[index]?.trim()}'`
      const lines = (await host.sh(since)).split('\n')
      const count = (text: string) => lines.filter((line) => line.startsWith(text)).length
      return [host.name, { logins: count('Accepted publickey for '), execs: count('Starting session: command for ') }]
    }),
  )
  return Object.fromEntries(counted)
}
