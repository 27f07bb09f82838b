import { main } from './agent/main.ts'

/** The bundle that keel brings to hosts: the keel-agent, its approver, and the systemd kubelet. One file, and one hash. */
const [command, ...rest] = process.argv.slice(2)
process.exitCode =
  command === 'vkubelet'
    ? await (await import('./vkubelet/program/main.ts')).main(rest)
    : await main(process.argv.slice(2), process.env)
