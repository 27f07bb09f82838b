import type { LabHost } from '../lab/lab-host.ts'
import { until } from '../until.ts'
import { longestLine } from './secret-hunt.ts'

/*
 * Leaks that a hunt must find. A secret comes on stdin and bash itself reads it, so it is nowhere until a program is
 * started with it.
 */

/** On a disk, in memory, in the journal, and in the environment of a process. */
export async function leakForLong(host: LabHost, secret: string): Promise<void> {
  await host.sh(
    `IFS= read -r line; IFS= read -r -d '' secret || true
printf %s "$secret" > /run/leaked; printf %s "$secret" | base64 -w0 > /var/lib/leaked
printf '%s\\n' "$secret" | systemd-cat
printf '[Service]\\nType=exec\\nEnvironment=LEAKED=%s\\nExecStart=/bin/sleep 600\\n' "$line" > /run/systemd/system/leak.service`,
    `${longestLine(secret)}\n${secret}`,
  )
  // `exec`: started is what runs the program, with its environment, and not yet a fork of systemd's that will
  await host.sh('systemctl daemon-reload; systemctl start leak')
}

/** What a hunt finds after `leakForLong`, of a secret with this name. */
export function leakedForLong(name: string): readonly string[] {
  return [
    `/run/leaked: ${name}`,
    `/run/systemd/system/leak.service: ${name}`,
    `/var/lib/leaked: ${name} in base64`,
    `environment of sleep: ${name}`,
    `journal: ${name}`,
  ]
}

/**
 * In the argv of a process that lives 5 ms, and in the environment of another. The host's own systemd starts them, as
 * what a deploy starts.
 * @param argument one line
 * @param variable one line
 */
export async function leakShortly(host: LabHost, argument: string, variable: string): Promise<void> {
  const program = `#!/bin/bash
{ read -r argument; read -r variable; } < /run/leak-pipe
bash -c 'read -rt 0.005 <> /run/leak-nothing' "$argument"
LEAK=$variable bash -c 'read -rt 0.005 <> /run/leak-nothing'
exit 0
`
  await host.sh('cat > /run/leak; chmod +x /run/leak; mkfifo /run/leak-pipe /run/leak-nothing', program)
  await host.sh('systemd-run --quiet --unit=leak5ms /run/leak')
  await host.sh('cat > /run/leak-pipe', `${argument}\n${variable}\n`)
  await until(
    'the short processes have ended',
    async () => (await host.sh('systemctl is-active leak5ms || true')) === 'inactive',
  )
}
