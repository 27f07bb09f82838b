import { describe, expect, it } from 'vitest'
import { kubeadmDialect } from '../../../../src/deploy/causes/dialect.ts'
import { findCause, type HeardLine } from '../../../../src/deploy/causes/find-cause.ts'
import { kubeadmCauses } from '../../../../src/deploy/causes/kubeadm.ts'

/** Oldest first, one second after the other; the last is `last` seconds old. */
const heard = (texts: readonly string[], last = 0): readonly HeardLine[] =>
  texts.map((text, index) => ({ text, age: last + texts.length - 1 - index }))
const find = (texts: readonly string[], gone = true, last = 0) => findCause(heard(texts, last), gone, kubeadmDialect)
const klog = (text: string) => `E1129 10:00:00.123456    4321 run.go:72] "command failed" err=${JSON.stringify(text)}`
const pod = (text: string) =>
  `E1129 10:00:00.123456    4321 pod_workers.go:1324] "Error syncing pod, skipping" err=${JSON.stringify(text)}`

/** Lines of kubeadm 1.36.3, run without containerd and without kubelet; shortened where keel shortens them, too. */
const begins = '[preflight] Running pre-flight checks'
const noContainerd =
  '\t[ERROR CRI]: could not connect to the container runtime: failed to create new CRI runtime service: validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"'
const noKubelet =
  "\t[ERROR KubeletVersion]: couldn't get kubelet version: cannot execute 'kubelet --version': executable file not found in $PATH"
const noForwarding =
  '\t[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1'
const failed = 'error execution phase preflight: preflight checks failed'

describe('a line of kubeadm or kubelet tells why a host does not run Kubernetes, and what cures that', () => {
  it.each<[said: string, why: RegExp, cure: RegExp]>([
    // the list of the seed: configuration, containerd, CNI plugins, pki, extension
    [
      klog(
        'failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file "/var/lib/kubelet/config.yaml", error: open /var/lib/kubelet/config.yaml: no such file or directory',
      ),
      /^kubelet has no configuration/,
      /journalctl -u keel-kubeadm/,
    ],
    [noContainerd, /^containerd does not answer/, /enable --now containerd/],
    [
      noContainerd.replace(
        'code = Unavailable desc = connection error',
        'code = Unimplemented desc = unknown service runtime.v1.RuntimeService',
      ),
      /CRI is turned off/,
      /disabled_plugins/,
    ],
    [
      pod(
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/kubepods/burstable/pod1" instead: unknown',
      ),
      /do not agree who makes cgroups/,
      /SystemdCgroup = true/,
    ],
    [
      pod(
        'failed to setup network for sandbox "1": plugin type="flannel" failed (add): failed to find plugin "flannel" in path [/usr/lib/cni]',
      ),
      /^a CNI plugin is not in the folder/,
      /bin_dir/,
    ],
    [
      'E1129 10:00:00.1    4321 kubelet.go:3012] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"',
      /no network for Pods yet/,
      /cni: 'none'/,
    ],
    [
      "error execution phase certs/ca: failure loading ca certificate: failed to load certificate: couldn't load the certificate file /etc/kubernetes/pki/ca.crt: error reading /etc/kubernetes/pki/ca.crt: data does not contain any valid RSA or ECDSA certificates",
      /^a file in \/etc\/kubernetes\/pki is missing, damaged or not readable/,
      /mode 0600/,
    ],
    [
      'error execution phase certs/ca: open /etc/kubernetes/pki/ca.key: permission denied',
      /^a file in \/etc\/kubernetes\/pki/,
      /belong to root/,
    ],
    [
      "invalid or incomplete external CA: failure loading key for apiserver: couldn't load the private key file /etc/kubernetes/pki/apiserver.key: open /etc/kubernetes/pki/apiserver.key: no such file or directory",
      /but not its key/,
      /role in the inventory/,
    ],
    [noKubelet, /^the system extension with Kubernetes is not merged/, /systemd-sysext refresh/],
    [
      'kubelet.service: Failed at step EXEC spawning /usr/bin/kubelet: No such file or directory',
      /not merged/,
      /\/etc\/extensions/,
    ],
    // what else forbids a join
    [noForwarding, /does not forward packets/, /sysctl --system/],
    ['\t[ERROR Port-10250]: Port 10250 is in use', /is in use/, /ss -ltnup/],
    [
      '\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists',
      /left files/,
      /kubeadm reset/,
    ],
    ['\t[ERROR DirAvailable--var-lib-etcd]: /var/lib/etcd is not empty', /left files/, /data of etcd/],
    [
      'error execution phase preflight: couldn\'t validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"',
      /no server accepts the token/,
      /makes a new token/,
    ],
    [
      'error execution phase preflight: couldn\'t validate the identity of the API Server: failed to request the cluster-info ConfigMap: Get "https://10.0.0.1:6443/api/v1/namespaces/kube-public/configmaps/cluster-info": dial tcp 10.0.0.1:6443: i/o timeout',
      /the server does not answer/,
      /6443/,
    ],
    [
      'error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: failed to get config map: Get "https://10.0.0.100:6443/api/v1/namespaces/kube-system/configmaps/kubeadm-config?timeout=10s": dial tcp 10.0.0.100:6443: connect: no route to host',
      /by the address that this line names/,
      /keel vip status/,
    ],
    [
      'error execution phase preflight: cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:aa" are pinned',
      /belongs to another cluster/,
      /address/,
    ],
    [
      'error execution phase kubelet-start: a Node with name "maia" and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node',
      /has a Node with this name/,
      /kubectl delete node/,
    ],
    [
      'error execution phase control-plane-prepare/kubeconfig: failed to find CurrentContext in Contexts of the kubeconfig file /etc/kubernetes/scheduler.conf',
      /is empty/,
      /delete the file/,
    ],
    [
      'error execution phase preflight: this version of kubeadm only supports deploying clusters with the control plane version >= 1.35.0. Current version: v1.34.4',
      /does not fit the version/,
      /keel sysext build/,
    ],
    // what forbids an upgrade
    [
      'keel-kubeadm: the API server of this host does not answer, so it cannot be upgraded',
      /upgrades a control plane that runs/,
      /journalctl -u kubelet/,
    ],
    [
      '\t[ERROR CreateJob]: Job "upgrade-health-check-1796000000000" in the namespace "kube-system" did not complete in 1m0s: no condition of type Complete',
      /a small Pod before an upgrade/,
      /kube-system/,
    ],
    [
      '\t[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [reef]',
      /a server is not Ready/,
      /kubectl get nodes/,
    ],
    [
      "error execution phase control-plane: couldn't complete the static pod upgrade: couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state. Errors faced: timed out waiting for the condition",
      /has put the earlier one back/,
      /\/var\/log\/pods/,
    ],
    [
      '\t[ERROR ImagePull]: failed to pull image registry.k8s.io/kube-apiserver:v1.36.4: failed to pull image: rpc error: code = Unavailable desc = failed to resolve reference',
      /cannot fetch an image/,
      /registry\.k8s\.io/,
    ],
    [
      klog(
        'failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false',
      ),
      /has swap/,
      /swapoff/,
    ],
    [
      klog(
        'failed to validate kubelet configuration, error: kubelet is configured to not run on a host using cgroup v1',
      ),
      /cgroup v1/,
      /unified_cgroup_hierarchy/,
    ],
    [
      klog(
        'failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory',
      ),
      /neither a certificate nor a token/,
      /journalctl/,
    ],
    ['keel-kubeadm.service: Failed to set up credentials: Bad message', /cannot decrypt/, /credstore/],
    [klog('write /var/lib/kubelet/config.yaml: no space left on device'), /is full/, /df -h/],
  ])('%s', (said, why, cure) => {
    const found = find(['some line before', said])
    expect(found?.why).toMatch(why)
    expect(found?.cure).toMatch(cure)
  })

  it('several at once are all told, each once, and those of an earlier try are not', () => {
    const found = find([begins, noForwarding, failed, begins, noContainerd, noKubelet, noKubelet, failed])
    expect(found?.why?.split('; then ')).toEqual([
      expect.stringMatching(/^containerd does not answer/),
      expect.stringMatching(/^the system extension/),
    ])
    expect(found?.lines).toEqual([noContainerd, noKubelet, failed])
  })

  it('an end that keel does not know is shown, and not explained', () => {
    expect(find([begins, 'error execution phase upload-config: something new'])).toEqual({
      lines: ['error execution phase upload-config: something new'],
    })
  })

  it('what kubelet said before it ran has passed, and so has what it said half a minute ago', () => {
    const started = 'I1129 10:00:01.1    4321 server.go:1234] "Started kubelet"'
    const noConfig = klog('failed to load kubelet config file, path: /var/lib/kubelet/config.yaml')
    expect(find([noConfig, started], false)).toBeUndefined()
    expect(find([pod('failed to find plugin "flannel" in path [/opt/cni/bin]')], false, 30)).toBeUndefined()
  })

  it('every cause is found by each of its texts', () => {
    for (const { says, why, cure } of kubeadmCauses) {
      for (const text of says) {
        const found = find([`E1129 10:00:00.1 4321 run.go:72] "command failed" err="${text}"`])
        expect(found?.why, text).toBeDefined()
        expect(text).not.toContain('\n')
      }
      for (const text of [why, cure]) expect(text).toMatch(/^\S.{15,250}[^.]$/)
    }
  })
})
