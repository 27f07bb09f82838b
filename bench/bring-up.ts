/**
 * How long one `keel deploy` takes for three servers and two agents beside what k3s itself takes on the same hosts,
 * everything in place, when somebody starts one after the other by hand and waits until its Node is Ready; and how much
 * memory keel takes. Run as root: `npm run bench:bring-up [runs]`.
 */
import { compared, type Host, hosts, withDeployed } from './support/lab-deploy.ts'
import { say } from './support/paired.ts'

const runs = Number(process.argv[2] ?? 3)

/** The CA stays where keel placed it; everything else that k3s has made goes. */
const backToBeforeItsFirstStart = `
systemctl stop 'k3s*'
cd /var/lib/rancher/k3s
mkdir -p /root/ca
[ ! -d server ] || cp -a server/tls/server-ca.crt server/tls/server-ca.key /root/ca
rm -rf /etc/rancher/node data server agent
[ "$(hostname)" != server-1 ] || { mkdir -p -m 0700 server server/tls; cp -a /root/ca/* server/tls; }`

for (let run = 1; run <= runs; run += 1)
  await withDeployed('bring-up', [], async (deployed) => {
    await Promise.all(hosts.map((host) => deployed.onHost(host, backToBeforeItsFirstStart)))
    const own: number[] = []
    for (const host of hosts) own.push(Number(await deployed.onHost(host, startAndJoin(host))) / 1e9)
    say(`run ${run}: ${compared(deployed, "k3s's", own)}`)
  })

/** Prints the nanoseconds from the order to start until the Node is Ready. */
function startAndJoin(host: Host): string {
  const [unit, kubeconfig] = host.startsWith('server')
    ? ['k3s', '/etc/rancher/k3s/k3s.yaml']
    : ['k3s-agent', '/var/lib/rancher/k3s/agent/kubelet.kubeconfig']
  return `
start=$(date +%s%N)
systemctl start ${unit}
until k3s kubectl --kubeconfig ${kubeconfig} wait --for=condition=Ready --timeout=60s node/${host} >/dev/null 2>&1; do sleep 0.05; done
echo $(($(date +%s%N) - start))`
}
