/**
 * How long one `keel deploy` takes for three control planes and two workers beside kubeadm itself on the same hosts, when
 * somebody runs it on one after the other by hand and waits until each Node is Ready. Both find everything in place, and
 * take turns: the first deploy of all pushes the image, and containerd unpacks what it has never run. Run as root:
 * `npm run bench:bring-up-kubeadm [runs]`.
 */
import { compared, type Host, hosts, withDeployed } from './support/lab-deploy.ts'
import { say } from './support/paired.ts'

const runs = Number(process.argv[2] ?? 3)

/** The image and kubeadm's document stay; everything else of the node goes. */
const backToBeforeItsFirstStart = `
rm -rf /root/pki
cp -a /etc/kubernetes/pki /root/pki
cd /root/pki
find . -type f ! -name sa.key ! -name sa.pub ! -path './ca.*' ! -path './front-proxy-ca.*' ! -path './etcd/ca.*' -delete
systemctl stop keel-manifests keel-kubeadm 2>/dev/null
systemctl mask --runtime --quiet kubelet
kubeadm reset --force --skip-phases=remove-etcd-member >/dev/null 2>&1
systemctl unmask --runtime --quiet kubelet
# not the folder: containerd would not look at another one
rm -rf /etc/cni/net.d/* /var/lib/cni /var/lib/etcd/member /var/lib/kubelet/keel-control-plane
for link in flannel.1 cni0; do ip link delete $link 2>/dev/null || true; done`
/** Keel has them in its credentials. */
const withCas = '[ ! -e /root/pki/sa.key ] || cp -a /root/pki /etc/kubernetes/'

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'
// a worker's join ends before its Node is there
const ready = (host: Host) =>
  `until ${kubectl} wait --for=condition=Ready --timeout=120s node/${host} >/dev/null 2>&1; do sleep 0.05; done`
const ignored = '--ignore-preflight-errors=SystemVerification'
const timed = (bash: string) => `set -e; start=$(date +%s%N); ${bash}; echo $(($(date +%s%N) - start))`

const init = `kubeadm init --config /etc/keel/kubeadm/kubeadm.yaml ${ignored} >/root/said 2>&1 || { cat /root/said >&2; exit 1; }
for one in /etc/keel/manifests/*; do ${kubectl} apply --server-side -f $one >/dev/null; done`

await withDeployed('bring-kadm', ['--distribution', 'kubeadm'], async (lab) => {
  const everywhere = (bash: string) => Promise.all(hosts.map((host) => lab.onHost(host, bash)))
  const nanoseconds = async (host: Host, bash: string) => Number(await lab.onHost(host, timed(bash)))
  say(`the first deploy, with the image: ${lab.seconds.toFixed(1)} s`)
  for (let run = 1; run <= runs; run += 1) {
    await everywhere(backToBeforeItsFirstStart)
    const deployed = await lab.again()
    await everywhere(`${backToBeforeItsFirstStart}\n${withCas}`)
    const own: number[] = []
    for (const host of hosts) {
      const founds = host === 'server-1'
      const token = founds ? '' : (await lab.onHost('server-1', 'kubeadm token create --ttl 5m')).trim()
      const made = await nanoseconds(host, founds ? init : join(token))
      own.push((made + (await nanoseconds('server-1', ready(host)))) / 1e9)
    }
    say(`run ${run}: ${compared(deployed, "kubeadm's", own)}`)
  }
})

function join(token: string): string {
  return `sed 's/^  bootstrapToken:$/&\\n    token: ${token}/' /etc/keel/kubeadm/kubeadm.yaml > /root/join.yaml
kubeadm join --config /root/join.yaml ${ignored} >/root/said 2>&1 || { cat /root/said >&2; exit 1; }`
}
