import type { Explanation } from './explanation.ts'

export const statusFindings: readonly Explanation[] = [
  {
    codes: ['unit', 'node'],
    means:
      '`keel status` found a host on which Kubernetes does not run properly: its service is not active, or its Node is missing or not Ready.',
    cause:
      'k3s stopped or restarts again and again, the host has just booted, its disk is full, or it cannot reach the servers.',
    todo: 'Read `keel logs HOST`. `keel deploy HOST` starts a service that is not running, and names the cause if it knows one.',
    topic: 'status',
  },
  {
    codes: ['version'],
    means: 'The host runs another version of k3s than hosts/cluster has.',
    cause: '`version` was changed and the host is not deployed yet, or somebody upgraded it by hand.',
    todo: 'Run `keel plan HOST`, then `keel deploy HOST`.',
    topic: 'status',
  },
  {
    codes: ['certificate'],
    means: 'A certificate of Kubernetes on the host has ended or ends soon.',
    cause: 'k3s renews its certificates only when it starts, and its service has run for months.',
    todo: 'Restart the service on the host, one server at a time: `keel exec HOST -- systemctl restart k3s` (on agents `k3s-agent`).',
    topic: 'status',
  },
  {
    codes: ['api', 'etcd'],
    means:
      'The control plane has a problem: no server answers for the API, or etcd has no leader, an unhealthy member, or a member that is no server.',
    cause:
      'Less than a majority of the servers run, a server was replaced or removed without its etcd member, or a disk is too slow or full.',
    todo: 'Start the servers that are off first, and read `keel logs SERVER`. Do not remove a member while others are down.',
    topic: 'status',
  },
  {
    codes: ['vip'],
    means: 'No server holds the virtual IP, or several do at the same time.',
    cause: 'No server is healthy, the manager of the address does not run, or the network between the servers is cut.',
    todo: 'Run `keel vip status --watch`: it shows each server and every change.',
    topic: 'vip',
  },
]
