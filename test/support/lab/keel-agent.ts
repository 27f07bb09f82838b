import { expect } from 'vitest'
import type { LabHost } from './lab-host.ts'

const unit = 'keel-agent.service'

/** Whether somebody can connect to the agent's port. */
export function listens(host: LabHost): Promise<boolean> {
  return host.sh('timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/50051"').then(
    () => true,
    () => false,
  )
}

/** How long the agent took from its start until it listened, and its memory, for a person; the goal of the memory is checked. */
export async function costs(host: LabHost): Promise<string> {
  const said = await host.sh(`started=$(systemctl show -p ExecMainStartTimestampMonotonic --value ${unit})
line=$(journalctl --unit=${unit} --output=json | grep 'listens on port' | tail -n 1)
[[ $line =~ '"__MONOTONIC_TIMESTAMP":"'([0-9]+) ]] || [[ $line =~ '"__MONOTONIC_TIMESTAMP" : "'([0-9]+) ]]
echo $(( (BASH_REMATCH[1] - started) / 1000 ))
awk '/^VmRSS/ { print $2 }' "/proc/$(systemctl show -p MainPID --value ${unit})/status"`)
  const [ms, kilobytes] = said.split('\n').map(Number)
  expect(kilobytes).toBeLessThan(100_000)
  return `up in ${ms} ms, ${Math.round((kilobytes ?? 0) / 1000)} MB`
}
