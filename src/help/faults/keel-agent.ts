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
  {
    codes: ['vkubelet-listen'],
    means: 'keel-vkubelet cannot listen on its port, so `kubectl logs` and `kubectl exec` do not reach its Node.',
    cause: 'A kubelet, or another program, uses the port (10250).',
    todo: '`ss -ltnp` on the host shows which program. Stop it: a host is a Node of one kubelet alone.',
    topic: 'keel-agent',
  },
  {
    codes: ['vkubelet-reserve'],
    means:
      'keel-vkubelet leaves the Pods of the host as they are, and ends: its system keeps all memory, so none is left for Pods.',
    cause: '`reserve` of the host is larger than its memory: `900Gi` in the place of `900Mi`.',
    todo: 'Write a smaller `systemdKubelet.reserve.memory`, then run `keel deploy`.',
    topic: 'keel-agent',
  },
  {
    codes: ['no-agent'],
    means: 'The inventory, or this host, has no keel-agent, so there is nobody whom `keel node` could ask.',
    cause: '`keelAgent` is missing in hosts/cluster, or the host has `keelAgent: false`.',
    todo: 'Set `keelAgent: true`, then run `keel rekey` and `keel deploy`.',
    topic: 'keel-agent',
  },
  {
    codes: ['agent-unreachable'],
    means: 'A host’s keel-agent did not answer in time, or its connection broke off (exit 6).',
    cause: 'The host is off, a firewall drops the port (50051), or the agent does not run.',
    todo: 'Look on the host: `keel ssh HOST -- systemctl status keel-agent`.',
    topic: 'keel-agent',
  },
  {
    codes: ['agent-untrusted'],
    means:
      'Something answers at the port of the keel-agent, and does not show a certificate of this node. keel asked it nothing.',
    cause:
      'The certificate has expired, another CA signed it, or it belongs to another node: the address leads to another machine, or another program uses the port.',
    todo: 'Check the address. `keel deploy` gives the agent a new certificate. `keel node certs` shows all of them.',
    topic: 'keel-agent',
  },
  {
    codes: ['agent-refused'],
    means: 'The keel-agent does not accept the client, or refuses what it was asked.',
    cause:
      'The CA in /etc/keel/agent-ca.crt is another one than that of the inventory, or a clock is wrong by minutes.',
    todo: 'Run `keel deploy`, and check the clocks. The journal of the agent says more: `keel logs --unit keel-agent`.',
    topic: 'keel-agent',
  },
  {
    codes: ['agent-answer'],
    means: 'A keel-agent answered something that keel does not know, or too much. keel ignored it.',
    cause: 'The agent has another version than this keel, or the host is compromised.',
    todo: 'Run `keel plan` to see whether the agent is up to date.',
    topic: 'keel-agent',
  },
  {
    codes: ['node-declined'],
    means: 'keel asked before a restart or a reboot, and the answer was not yes. Nothing was done.',
    cause: 'The answer was no, or there is no terminal on which keel can ask.',
    todo: 'Use `--yes` in a script.',
    topic: 'keel-agent',
  },
  {
    codes: ['node-login-file'],
    means: 'keel could not write the file that `--out` names, or refuses to.',
    cause:
      'The folder does not exist, or you may not write there; or the file would be in the git repository of the inventory, and the key in it would be committed.',
    todo: 'Name another file, outside of the repository.',
    topic: 'keel-agent',
  },
]
