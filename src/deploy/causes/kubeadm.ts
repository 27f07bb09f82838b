import type { Cause } from './cause.ts'

const ifNotMerged =
  'look at `systemd-sysext status` and /etc/extensions on the host, then run `systemd-sysext refresh`: a link to an image that is not there unmerges all extensions'

/**
 * Why kubeadm or its kubelet does not run: the extension, containerd, the network of Pods, the files of the cluster.
 * @see kubernetes cmd/kubeadm/app, cmd/kubelet/app; containerd pkg/cri; containernetworking/cni pkg/invoke
 */
export const kubeadmCauses: readonly Cause[] = [
  {
    says: ['keel has not let it in'],
    why: 'the permit of this deploy is gone: the host was started again, or an earlier run has used it up',
    cure: 'deploy again, which brings another one',
  },
  {
    says: ['so it cannot be upgraded'],
    why: 'kubeadm upgrades a control plane that runs, and the API server of this host does not answer',
    cure: 'look at /var/log/pods and at `journalctl -u kubelet` on the host',
  },
  {
    says: ['upgrade-health-check'],
    why: 'kubeadm runs a small Pod before an upgrade, and that Pod did not come to its end',
    cure: 'look at the Pods in kube-system (`kubectl get pods -n kube-system -o wide`): can any node run one?',
  },
  {
    says: ['there are NotReady control-planes in the cluster'],
    why: 'kubeadm upgrades no cluster in which a server is not Ready',
    cure: 'bring that server back first (`kubectl get nodes`)',
  },
  {
    says: ["couldn't upgrade control plane. kubeadm has tried to recover everything"],
    why: 'a new Pod of the control plane did not start, and kubeadm has put the earlier one back',
    cure: 'find out why (/var/log/pods on the host), fix that, and deploy again',
  },
  {
    says: ['is of another cluster: wipe this host'],
    why: 'the host has data of a cluster with another CA',
    cure: 'if nobody needs that data: `kubeadm reset` on the host',
  },
  {
    says: [
      "cannot execute 'kubelet --version'",
      'kubeadm: command not found',
      'kubeadm: No such file or directory',
      'Unable to locate executable',
      'Failed to locate executable',
      'Failed at step EXEC',
      'status=203/EXEC',
      'Unit kubelet.service not found',
    ],
    why: 'the system extension with Kubernetes is not merged: kubeadm and kubelet are not on the host',
    cure: ifNotMerged,
  },
  {
    says: ['failed to load kubelet config file', 'failed to load Kubelet config file'],
    why: 'kubelet has no configuration: /var/lib/kubelet/config.yaml is missing or damaged, and kubeadm writes it when the host joins',
    cure: 'find out why the host has not joined (`journalctl -u keel-kubeadm`), fix that, and deploy again',
  },
  {
    says: ['unable to load bootstrap kubeconfig'],
    why: 'kubelet has neither a certificate nor a token: the host has not joined, or somebody deleted /etc/kubernetes/kubelet.conf',
    cure: 'find out why the host has not joined (`journalctl -u keel-kubeadm`), fix that, and deploy again',
  },
  {
    says: ['unknown service runtime.v1'],
    why: 'containerd runs, but is not configured for kubelet: CRI is turned off',
    cure: 'remove "cri" from disabled_plugins in /etc/containerd/config.toml and restart containerd',
  },
  {
    says: ['validate CRI v1 runtime API for endpoint', 'validate CRI v1 image API for endpoint'],
    why: 'containerd does not answer on /run/containerd/containerd.sock',
    cure: 'run `systemctl enable --now containerd` on the host; if it fails: `journalctl -u containerd`',
  },
  {
    says: ['expected cgroupsPath to be of format'],
    why: 'containerd and kubelet do not agree who makes cgroups',
    cure: 'set SystemdCgroup = true for runc in /etc/containerd/config.toml and restart containerd',
  },
  {
    says: ['failed to find plugin'],
    why: 'a CNI plugin is not in the folder where containerd looks for it',
    cure: 'compare bin_dir of containerd (`containerd config dump`) with /opt/cni/bin; `systemctl restart kubelet` copies the plugins of the image there',
  },
  {
    says: ['cni plugin not initialized'],
    why: 'the host has no network for Pods yet: no configuration is in /etc/cni/net.d',
    cure: "look at the Pods of the network (`kubectl get pods -A -o wide`); with cni: 'none' install one",
  },
  {
    // before the next one, whose text its own contains
    says: ['invalid or incomplete external CA'],
    why: 'the host has the certificate of the CA, but not its key: it has joined as a worker, or the key was deleted',
    cure: 'check its role in the inventory; to make it a control plane, run `kubeadm reset` on the host and deploy again',
  },
  {
    says: [
      "couldn't load the private key file",
      "couldn't load the certificate file",
      'open /etc/kubernetes/pki/',
      'stat /etc/kubernetes/pki/',
    ],
    why: 'a file in /etc/kubernetes/pki is missing, damaged or not readable',
    cure: 'look at the file that this line names: keys belong to root with mode 0600, certificates with 0644; deploy places those of the CAs again',
  },
  {
    says: ['failed to find CurrentContext'],
    why: 'a kubeconfig in /etc/kubernetes is empty: something interrupted an earlier join or reset',
    cure: 'delete the file that this line names, and deploy again',
  },
  {
    says: [
      'could not find a JWS signature in the cluster-info ConfigMap',
      'failed to request the cluster-info ConfigMap',
    ],
    why: 'no server accepts the token of this join: it has expired, or the server does not answer',
    cure: 'check that port 6443 of that server is open for this host, and deploy again, which makes a new token',
  },
  {
    // of a client that gets no answer; an answer of the API has no `Get`
    says: ['failed to get config map: Get "https://'],
    why: 'a server has let this host in, and the API did not answer by the address that this line names: the virtual IP, or that of the first server',
    cure: 'run `keel vip status` if it is the virtual IP, and check that this host reaches port 6443 of it',
  },
  {
    says: ['cluster CA found in cluster-info ConfigMap is invalid'],
    why: 'the server that the host asked belongs to another cluster: it has another CA than secrets/kubernetes-ca.crt',
    cure: 'check that this address belongs to a server of this cluster',
  },
  {
    says: ['already exists in the cluster'],
    why: 'the cluster has a Node with this name already, perhaps of an earlier machine',
    cure: 'if that machine is gone: `kubectl delete node NAME`; if it still runs, give one of the two another name',
  },
  {
    says: ['this version of kubeadm only supports deploying clusters'],
    why: 'the kubeadm of the merged extension does not fit the version in hosts/cluster',
    cure: 'merge the image of that version: build it with `keel sysext build kubernetes`',
  },
  {
    says: ['kubelet is configured to not run on a host using cgroup v1'],
    why: 'Kubernetes 1.35 and later refuse a host with cgroup v1',
    cure: 'boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1 on the kernel command line)',
  },
  {
    says: ['running with swap on is not supported', '[ERROR Swap]'],
    why: 'the host has swap, with which a kubelet does not start',
    cure: 'turn it off: `swapoff -a`, and remove it from /etc/fstab',
  },
  {
    says: ['ip_forward contents are not set to 1'],
    why: 'the kernel of the host does not forward packets, which Pods need',
    cure: 'set net.ipv4.ip_forward = 1 in a file in /etc/sysctl.d, then run `sysctl --system`',
  },
  {
    says: ['[ERROR Port-'],
    why: 'a port that Kubernetes needs is in use, by another program or by what an earlier join has started',
    cure: 'find the program on the host with `ss -ltnup`',
  },
  {
    says: ['[ERROR FileAvailable-', '[ERROR DirAvailable-'],
    why: 'an earlier kubeadm has left files in /etc/kubernetes or /var/lib/etcd',
    cure: 'if the host is in no cluster: `kubeadm reset` on the host, then deploy again. It deletes the data of etcd',
  },
  {
    says: ['Failed to set up credentials', 'Failed at step CREDENTIALS', 'status=243/CREDENTIALS'],
    why: 'systemd cannot decrypt a credential: it was encrypted for another machine or under another host key',
    cure: 'delete the files of kubeadm in /etc/credstore.encrypted on the host: the next deploy stores them again',
  },
  {
    says: ['no space left on device', 'disk quota exceeded'],
    why: 'a file system of the host is full',
    cure: 'make room (`df -h`, `df -i`): Kubernetes needs it in /var/lib and /run',
  },
  {
    says: ['[ERROR ImagePull'],
    why: 'the host cannot fetch an image of Kubernetes',
    cure: 'check that the host reaches registry.k8s.io, or bring the images to it (`kubeadm config images list`)',
  },
]
