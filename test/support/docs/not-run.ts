/**
 * The commands of README.md and docs/ that no test runs in this form, each with the reason.
 * test/real/docs-commands.test.ts runs every other command of a page. keel's command line parses all `keel` commands,
 * also these (test/fast/docs/commands.test.ts).
 */
export const mainJob = 'needs hosts: test/e2e/main-job.test.ts runs it on those of a lab'
const flatcar = 'needs a Flatcar machine: test/e2e/systems/flatcar.test.ts does the same in a lab'
const vip = 'needs a cluster with a virtual IP: test/e2e/servers/vip.test.ts runs it in a lab'
const release = "fetches k3s's release from the network"
const kubernetesRelease = 'fetches the releases of Kubernetes from the network; the page has it with --from as well'
const boots = 'boots a lab: test/e2e/lab.test.ts does, and the tests beside it'
const byHand = 'needs a lab for kubeadm: test/long/kubeadm-by-hand.test.ts does the same'
const labHosts = 'needs the hosts of a lab that the block has booted'
const wizard = 'asks on a terminal: test/real/admins-machine/init-wizard.test.ts answers'
const kubectl = "needs kubectl: test/e2e/main-job.test.ts has the cluster's own ask with keel's file"
const published = 'needs a published keel: test/real/package.test.ts installs a packed one'
const packed = 'writes outside of a folder of the tests: test/real/package.test.ts packs keel and installs it'
const executable = 'takes a minute: test/real/executable.test.ts makes and runs both programs'
/** The pages that tell a story: its commands, in their order. */
const story = 'needs hosts: test/e2e runs the page on those of a lab (commandsUnder)'
const farm = 'needs hosts: test/e2e/vkubelet/farm.test.ts runs the page on those of a lab'
const drained = 'needs hosts: test/e2e/vkubelet/deploy.test.ts runs the page on those of a lab'
const seenOnce = 'needs a machine to replace all servers with: run by hand in a lab'
const reset = 'needs a cluster without a majority: a fact of test/long/lookalike, chapter restore'
const threeServers = 'stops three servers: a fact of test/long/lookalike, chapter restore, and run by hand in a lab'
const upgrade = 'needs a newer k3s: test/long/three-systems.test.ts deploys one'
const agents = 'needs agents that run: test/fast/cli/node.test.ts asks servers in their place'
const suite = 'runs the tests themselves'
const facts = 'runs for minutes on a lab: test/long/lookalike is run by npm run test:long'

export const anyPage = 'any page'
export const notRun: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [anyPage]: {
    'keel plan': mainJob,
    'keel deploy': mainJob,
    'keel kubeconfig --merge': mainJob,
    'keel pin': release,
    'kubectl get nodes': kubectl,
    'keel add-node luna': flatcar,
  },
  'README.md': {
    'npm install --global keel': published,
    'keel init mercury': wizard,
    'npm ci': 'installs what these tests run from',
    'npm run demo': 'boots a lab: test/e2e/main-job.test.ts does the same',
    'npm test': suite,
  },
  'docs/ARCHITECTURE.md': {
    'npm run check': suite,
    "npm run test:mutation -- --mutate 'src/plan/refusals/**/*.ts'": suite,
  },
  'docs/add-a-node.md': {
    "keel add-node luna --role agent --os debian --address root@203.0.113.12 --host-key 'ssh-ed25519 AAAA…'": mainJob,
  },
  'docs/agenix.md': {
    'agenix -e secrets/wifi.age': 'agenix comes with Nix: test/real/agenix/running.test.ts has a copy',
    'agenix -r': 'agenix comes with Nix: test/real/agenix/running.test.ts has a copy',
  },
  'docs/choosing-hosts.md': {
    "keel plan 'web-*'": mainJob,
    'keel deploy --role agent --except web-1': mainJob,
    'keel exec --tag rack1 --tag gpu -- uptime': mainJob,
  },
  'docs/back-up-and-restore.md': {
    'keel exec ocean -- k3s etcd-snapshot save --name before-upgrade': story,
    'keel exec ocean -- k3s etcd-snapshot ls': story,
    'keel ssh ocean -- cat /var/lib/rancher/k3s/server/db/snapshots/before-upgrade-ocean-1795944036 > snapshot': story,
    'keel exec ocean -- systemctl stop k3s': story,
    'keel exec ocean -- k3s server --cluster-reset --cluster-reset-restore-path=/var/lib/rancher/k3s/server/db/snapshots/before-upgrade-ocean-1795944036 --token-file=/var/lib/rancher/k3s/server/token --agent-token-file=/var/lib/rancher/k3s/server/agent-token':
      story,
    'keel exec ocean bay cove -- systemctl stop k3s': threeServers,
    'keel exec bay cove -- mv /var/lib/rancher/k3s/server/db /var/lib/rancher/k3s/server/db-before-restore':
      threeServers,
    'keel deploy ocean': seenOnce,
    "keel ssh ocean -- 'cat > /root/snapshot' < snapshot": seenOnce,
    'keel exec ocean -- systemctl start k3s': seenOnce,
    'keel kubectl delete secret ocean.node-password.k3s --namespace kube-system': seenOnce,
  },
  'docs/remove-a-node.md': {
    'keel kubectl drain luna --ignore-daemonsets --delete-emptydir-data': story,
    'keel exec luna -- systemctl disable --now k3s-agent keel-firewall': story,
    'keel kubectl delete node luna': story,
    'keel exec luna -- systemd-run --on-active=2s reboot': story,
    'keel exec luna -- cat /var/lib/keel/current/manifest': story,
    'keel exec luna -- \'xargs -d "\\n" rm -f < /var/lib/keel/current/manifest\'': story,
    "keel exec luna -- 'rm -rf /var/lib/keel /usr/local/lib/keel /etc/rancher /var/lib/rancher/k3s /var/lib/kubelet/*'":
      story,
    'keel exec luna -- systemctl disable --now keel-vkubelet keel-firewall': drained,
    "keel exec luna -- systemctl stop 'vks.*.service' 'vks-*.slice' vks.slice": drained,
    'keel exec luna -- \'xargs -d "\\n" rm -rf < /var/lib/keel/current/manifest\'': drained,
    "keel exec luna -- 'rm -rf /var/lib/keel /usr/local/lib/keel /etc/rancher /var/lib/rancher/k3s'": drained,
    "keel exec luna -- 'rm -rf /run/keel-vkubelet /var/lib/keel-vkubelet /{run,var/lib,var/cache,var/log}{,/private}/keel-pods'":
      drained,
  },
  'docs/replace-a-dead-server.md': {
    'keel exec ocean -- systemctl stop k3s': reset,
    'keel exec ocean -- systemctl start k3s': reset,
    'keel exec ocean -- k3s server --cluster-reset --token-file=/var/lib/rancher/k3s/server/token --agent-token-file=/var/lib/rancher/k3s/server/agent-token':
      reset,
  },
  'docs/troubleshooting.md': {
    "keel logs maia --since '10 min ago'": mainJob,
  },
  'docs/upgrade-k3s.md': {
    'keel exec ocean -- k3s etcd-snapshot save --name before-upgrade': upgrade,
  },
  'docs/completion.md': {
    'eval "$(keel completion bash)"':
      'is for a shell that stays: test/real/admins-machine/completion.test.ts presses Tab in it',
  },
  'docs/flatcar.md': {
    'flatcar-install -d /dev/sda -C stable -i config.ign': "Flatcar's program, and it overwrites a disk",
  },
  'docs/first-cluster.md': {
    'keel init mercury': wizard,
  },
  'docs/install.md': {
    'npm pack': packed,
    'npm install --global ./keel-0.1.0.tgz': packed,
    'npm install --global keel': published,
    'npx keel --help': published,
    'npm ci': 'installs what these tests run from',
    'npm run build:executable': executable,
    'npm run build:executable -- --arch arm64': executable,
    'cd dist/executable': executable,
    'sha256sum -c keel-linux-amd64.sha256': executable,
    'install -m 755 keel-linux-amd64 /usr/local/bin/keel': 'writes outside of a folder of the tests',
    'npm install --ignore-scripts': 'is for a Mac',
    'node scripts/executable.ts': 'is for a Mac',
    'eval "$(keel completion bash)"':
      'is for a shell that stays: test/real/admins-machine/completion.test.ts presses Tab in it',
    'npm install --global keel@latest': published,
    'npm uninstall --global keel': published,
    'rm -r ~/.cache/keel ~/.local/state/keel': 'the folder is there only after what needs a lab or a release',
  },
  'docs/inventory.md': {
    'keel init mercury': wizard,
    'keel plan -C mercury': mainJob,
  },
  'docs/json.md': {
    'keel plan --json': mainJob,
    'keel deploy --json > events.jsonl': mainJob,
    'keel deploy --log keel.log': mainJob,
    'keel plan -v': mainJob,
  },
  'docs/on-hosts.md': {
    'keel ssh maia': 'opens a shell: test/real/sshd/openssh.test.ts does the same',
    'keel logs maia -f': 'goes on until Ctrl-C: test/e2e/main-job.test.ts ends it',
    'keel ssh maia -- hostname': mainJob,
    'keel exec -- uptime': mainJob,
    "keel exec ocean maia -- 'df -h / | tail -n 1'": mainJob,
    "keel logs maia --since '10 min ago'": mainJob,
    'keel logs maia --unit sshd --unit keel-agent': mainJob,
    'keel logs --role agent --lines 20': mainJob,
    'keel kubectl get nodes': mainJob,
    'keel kubectl apply -f - < app.yaml': kubectl,
  },
  'docs/kubeadm.md': {
    'keel sysext build -C venus kubernetes v1.36.3': kubernetesRelease,
    'keel sysext build -C venus kubernetes v1.36.4': kubernetesRelease,
    'keel plan -C venus': 'needs hosts: test/long/kubeadm-upgrade.test.ts does it in a lab',
    'keel deploy -C venus': 'needs hosts: test/long/kubeadm.test.ts does it in a lab',
    'helm repo add cilium https://helm.cilium.io': 'needs helm and the network',
    'helm template cilium cilium/cilium --version 1.18.2 --namespace kube-system --set ipam.mode=kubernetes --set hubble.enabled=false > manifests/cilium.yaml':
      'needs helm and the network',
    'keel pin -C venus': release,
  },
  'docs/lab.md': {
    'keel lab up --servers 1 --agents 1 --spare 1 --identity ~/.ssh/id_ed25519': boots,
    'keel lab up --agents 1 --flatcar agent-1 --identity ~/.ssh/id_ed25519': boots,
    'keel lab up --agents 1 --nixos agent-1 --identity ~/.ssh/id_ed25519': boots,
    'keel lab up --agents 2 --flatcar agent-1 --nixos agent-2 --identity ~/.ssh/id_ed25519': boots,
    'keel lab up --distribution kubeadm --identity ~/.ssh/id_ed25519': byHand,
    'keel -C mycluster sysext build kubernetes v1.36.3': byHand,
    'keel -C mycluster render --out documents': byHand,
    'keel lab down': labHosts,
    'keel init --lab default mycluster': labHosts,
    'cd mycluster': 'the inventory of that lab',
    'keel -C mycluster deploy': labHosts,
    'keel -C mycluster deploy server-1': labHosts,
    'keel -C mycluster render': labHosts,
    'keel -C mycluster render agent-1': labHosts,
    'keel lab provision agent-1 mycluster/hosts/agent-1/config.ign': labHosts,
    'keel lab provision agent-1 hosts/agent-1/config.ign': labHosts,
    "keel -C mycluster add-node agent-1 --host-key 'ssh-ed25519 AAAA…'": labHosts,
    'keel render': labHosts,
    'keel deploy server-1 agent-2': labHosts,
    'keel add-node agent-1 --host-key "$(keel lab provision agent-1 hosts/agent-1/config.ign)"': labHosts,
    'keel lab ssh server-1 -- k3s kubectl get nodes': mainJob,
  },
  'docs/lookalike.md': {
    'test/lookalike/build.sh /tmp/k3s': 'takes minutes where nothing of it is built; the lab does it',
    'npx vitest run --project lab-long test/long/lookalike': facts,
    'KEEL_LAB_K3S=/path/to/k3s npx vitest run --project lab-long test/long/lookalike': 'needs a k3s of upstream',
    'npx vitest run --project lab-long test/long/lookalike -t rotation': facts,
    'CGO_ENABLED=0 go -C test/lookalike test ./...': 'npm test runs these, package by package',
  },
  'docs/keel-agent-certificates.md': {
    'keel node certs': agents,
    'kubectl get csr': kubectl,
    'kubectl describe csr keel-agent-maia-x2c4v': kubectl,
    'keel logs ocean --unit keel-approver': mainJob,
  },
  'docs/keel-agent.md': {
    ...Object.fromEntries(
      [
        'keel node status',
        'keel node health --role server',
        'keel node services maia',
        'keel node logs maia -f',
        'keel node events --since 8h',
        'keel node certs',
        'keel node restart maia --yes',
        'keel node reboot maia --yes',
        'curl --cert ~/node.pem --cacert ~/node.pem https://192.168.1.15:50051/v1/node',
      ].map((command) => [command, agents]),
    ),
    'keel pin --node-releases https://mirror.example/node': release,
    'keel pin --node amd64=./node': 'needs a Node of 125 MB: test/fast/artifacts/pin-node.test.ts pins one',
  },
  'docs/nixos.md': { 'keel plan maia': mainJob, 'keel deploy maia': mainJob },
  'docs/plan.md': { 'keel plan --no-diff': mainJob, 'keel deploy --yes': mainJob, 'keel deploy --dry-run': mainJob },
  'docs/secrets.md': {
    'keel secret import k3s-server-token --from-host ocean': mainJob,
  },
  'docs/status.md': {
    'keel status': mainJob,
    'keel status --watch': 'goes on until Ctrl-C: test/e2e/servers/status-stories.ts ends it',
    'keel status --json': mainJob,
  },
  'docs/sysext.md': {
    'keel sysext build kubernetes v1.36.3 --out images': kubernetesRelease,
    'keel sysext build k3s v1.36.3+k3s1 --arch arm64 --out images': release,
    'keel sysext publish images --key ada@example.org':
      'needs a gpg key: test/real/admins-machine/sysext-publish.test.ts makes one',
    '/usr/lib/systemd/systemd-sysupdate --component=kubernetes update':
      'needs a host: test/real/flatcar/sysupdate.test.ts runs it in a Debian 13',
    ...Object.fromEntries(
      [
        'install -d /var/lib/extensions',
        'install -m 644 kubernetes-v1.36.3-x86-64.raw /var/lib/extensions/kubernetes.raw',
        'systemd-sysext refresh',
        'systemd-sysext status',
        'kubeadm version',
        'systemctl enable systemd-sysext',
        'install -d /opt/extensions/kubernetes',
        'install -m 644 kubernetes-v1.36.3-x86-64.raw /opt/extensions/kubernetes/',
        'ln -sf /opt/extensions/kubernetes/kubernetes-v1.36.3-x86-64.raw /etc/extensions/kubernetes.raw',
      ].map((command) => [command, 'needs a host: test/real/flatcar/sysext-by-hand.test.ts runs it in a Debian 13']),
    ),
  },
  'docs/virtual-kubelet.md': {
    'keel lab up --identity ~/.ssh/id_ed25519': boots,
    'keel init --lab default farm': labHosts,
    'cd farm': labHosts,
    '$EDITOR hosts/agent-1/host.ts': labHosts,
    'keel kubectl get nodes -o wide': farm,
    'keel kubectl apply -f - < uptimed.yaml': farm,
    'keel kubectl wait --for=condition=Ready pod/uptimed --timeout=5m': farm,
    'keel kubectl get pod uptimed -o wide': farm,
    'keel kubectl logs uptimed': farm,
    'keel exec agent-1 -- systemctl cat vks.default.uptimed.uptimed.service': farm,
    'keel kubectl delete pod uptimed': farm,
    'keel lab down': labHosts,
    'keel plan farm-1 --drain': drained,
    'keel deploy farm-1 --drain': drained,
  },
  'docs/vip.md': { 'keel vip status': vip, 'keel vip status --watch': vip },
  'docs/examples/farm/README.md': {
    'keel pin -C docs/examples/farm': release,
    'keel kubectl apply -f - < manifests/dns.yaml': farm,
    'keel kubectl rollout status daemonset/dns --timeout=5m': farm,
    "keel kubectl get nodes -l '!example.com/dns'": farm,
    'keel kubectl get pods -l app=dns -o \'jsonpath={range .items[?(@.status.containerStatuses[0].ready==false)]}{.spec.nodeName}{"\\n"}{end}\'':
      farm,
    'keel kubectl set image daemonset/dns dns=unbound:1.17.1-2+deb12u3': farm,
    'keel kubectl rollout status daemonset/dns --timeout=2m': farm,
    'keel kubectl rollout undo daemonset/dns': farm,
  },
  'docs/examples/high-availability/README.md': { 'keel pin -C docs/examples/high-availability': release },
  'docs/examples/kubeadm/README.md': {
    'keel sysext build -C docs/examples/kubeadm kubernetes v1.36.3': kubernetesRelease,
  },
  'docs/examples/three-systems/README.md': { 'keel deploy ocean maia': mainJob },
  'docs/examples/yaml/README.md': { 'keel pin -C docs/examples/yaml': release },
}

/** Why no test runs this command of a page; undefined if one does. */
export function reasonNotToRun(page: string, text: string): string | undefined {
  return notRun[page]?.[text] ?? notRun[anyPage]?.[text]
}
