import type { Explanation } from './explanation.ts'

export const keelAgent: readonly Explanation[] = [
  {
    codes: ['agent-config', 'agent-node-name', 'agent-usage'],
    means: 'The keel-agent was started in a way that it does not know, and ended with exit code 2.',
    cause:
      'Somebody started it by hand, or changed its unit or /etc/keel/agent.json; or the file is from another version of keel.',
    todo: '`keel deploy` puts unit and file as the inventory has them. `systemctl start keel-agent` starts it.',
    topic: 'keel-agent',
  },
  {
    codes: ['agent-listen'],
    means: 'The keel-agent cannot listen on its port. systemd starts it again after a while.',
    cause: 'Another program uses the port.',
    todo: '`ss -ltnp` on the host shows which program. Stop it, or set `keelAgent.port` in hosts/cluster.',
    topic: 'keel-agent',
  },
]
