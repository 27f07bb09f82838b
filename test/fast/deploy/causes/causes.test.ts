import { describe, expect, it } from 'vitest'
import { k3sDialect } from '../../../../src/deploy/causes/dialect.ts'
import { findCause as findIn, type HeardLine } from '../../../../src/deploy/causes/find-cause.ts'

const fatal = (text: string) => `time="2026-11-28T10:00:00Z" level=fatal msg=${JSON.stringify(text)}`
const shutdown = (text: string) =>
  `time="2026-11-28T10:00:00Z" level=error msg=${JSON.stringify(`Shutdown request received: ${text}`)}`
const shutdownOf136 = (text: string) =>
  `time="2026-11-28T10:00:00Z" level=info msg="Shutdown request received: \\"${text}\\""`
const error = (text: string) => `time="2026-11-28T10:00:00Z" level=error msg=${JSON.stringify(text)}`
const info = (text: string) => `time="2026-11-28T10:00:00Z" level=info msg=${JSON.stringify(text)}`
const klog = (text: string) => `E1128 10:00:00.123456    4321 run.go:72] "command failed" err=${JSON.stringify(text)}`
const up = info('k3s is up and running')

/** Oldest first, one second after the other; the last is `last` seconds old. */
const heard = (texts: readonly string[], last = 0): readonly HeardLine[] =>
  texts.map((text, index) => ({ text, age: last + texts.length - 1 - index }))
const findCause = (lines: readonly HeardLine[], gone: boolean) => findIn(lines, gone, k3sDialect)
const hash = (digit: string) => digit.repeat(64)
const server = '/var/lib/rancher/k3s/server'

describe('a line of the journal tells why k3s does not run, and what cures that', () => {
  it.each<[said: string, why: RegExp, cure: RegExp]>([
    [
      fatal(`token CA hash does not match the Cluster CA certificate hash: ${hash('a')} != ${hash('b')}`),
      /another CA/,
      /address/,
    ],
    [
      fatal('Error: preparing server: failed to parse token: invalid token CA hash length'),
      /cut off/,
      /keel secret set/,
    ],
    [fatal('Error: preparing server: failed to bootstrap cluster data: not authorized'), /another token/, /from git/],
    [
      shutdown('failed to save bootstrap data: bootstrap data already found and encrypted with different token'),
      /another server token/,
      /from git/,
    ],
    [
      fatal(
        `${server}/cred/passwd newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore.`,
      ),
      /the datastore does not know/,
      /cred\/passwd/,
    ],
    [
      fatal(
        'Error: preparing server: failed to bootstrap cluster data: failed to reconcile with local datastore: no bootstrap data found in datastore - check server token value and verify datastore integrity',
      ),
      /first start of this server ended/,
      /server\/db/,
    ],
    [
      shutdownOf136(
        'failed to save bootstrap data: failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>',
      ),
      /form of a kubeadm bootstrap token/,
      /another form/,
    ],
    [
      shutdown('etcd cluster join failed: duplicate node name found, please use a unique name for this node'),
      /earlier machine/,
      /delete node/,
    ],
    [fatal('leaderelection lost for k3s-etcd'), /quorum/, /2379/],
    [
      fatal('failed to validate server configuration: critical configuration value mismatch between servers'),
      /same on all/,
      /hosts\/cluster/,
    ],
    [
      fatal(
        'Error: preparing server: failed to get CA certs: Get "https://10.0.0.1:6443/cacerts": dial tcp 10.0.0.1:6443: connect: connection refused',
      ),
      /does not answer on port 6443/,
      /firewall/,
    ],
    [
      fatal(
        'failed to get CA certs: Get "https://10.0.0.1:6443/cacerts": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2024-01-01T00:00:00Z is before 2026-06-01T00:00:00Z',
      ),
      /clock/,
      /timedatectl/,
    ],
    [
      shutdownOf136(
        'kubelet exited: failed to validate kubelet configuration, error: kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported and will be removed in a future release',
      ),
      /refuse a host with cgroup v1/,
      /unified_cgroup_hierarchy/,
    ],
    [fatal('flag provided but not defined: -no-such-flag'), /does not know one of its options/, /config\.yaml\.d/],
    [fatal('invalid value "many" for flag -max-pods: parse error'), /wrong type/, /inventory/],
    [
      shutdown('kubelet exited: failed to parse kubelet flag: unknown flag: --container-runtime'),
      /does not know one of its arguments/,
      /remove/,
    ],
    [
      shutdown('kubelet exited: invalid taint: duplicated taints with the same key and effect: {a b NoSchedule <nil>}'),
      /two taints/,
      /taints/,
    ],
    [
      fatal('starting kubernetes: preparing server: x509: "m\u00fcnchen.example" cannot be encoded as an IA5String'),
      /ASCII/,
      /tls-san/,
    ],
    [
      fatal(
        'starting kubernetes: preparing server: init cluster datastore and https: listen tcp :6443: bind: address already in use',
      ),
      /another program listens/,
      /ss -ltnup/,
    ],
    [
      fatal('write /var/lib/rancher/k3s/data/.lock: no space left on device'),
      /file system of the host is full/,
      /df -h/,
    ],
    [
      shutdown(
        'kubelet exited: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false',
      ),
      /swap/,
      /swapoff/,
    ],
    [
      shutdown(
        'flannel exited: failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory',
      ),
      /br_netfilter is not loaded/,
      /modprobe/,
    ],
    [fatal("Cannot configure unknown flannel backend 'vxlam'"), /no flannel backend/, /vxlan/],
    [fatal('invalid cluster-dns address 10.43.0.300'), /DNS address/, /cluster-dns/],
    [
      fatal(
        'cluster-cidr: [10.42.0.0/16] and node-ip: [fd00::1], must share the same IP version (IPv4, IPv6 or dual-stack)',
      ),
      /IP versions/,
      /nodeIP/,
    ],
    [fatal('unable to select an IP from default routes.'), /no default route/, /nodeIP/],
    ['k3s.service: Failed to set up credentials: Bad message', /cannot decrypt a credential/, /credstore/],
    [
      'k3s.service: Failed at step EXEC spawning /usr/local/bin/k3s: Exec format error',
      /cannot run the k3s program/,
      /arch/,
    ],
    [fatal('etcdserver: the member has been permanently removed from the cluster'), /can't come back/, /server\/db/],
    [
      'panic: tocommit(93) is out of range [lastIndex(12)]. Was the raft log corrupted, truncated, or lost?',
      /damaged/,
      /snapshot/,
    ],
  ])('%s', (said, why, cure) => {
    const noise = Array.from({ length: 25 }, (_, index) => info(`Stopped tunnel ${index}`))
    const found = findCause(heard([info('Starting k3s v1.36.3+k3s1'), said, ...noise], 60), true)
    expect(found?.why).toMatch(why)
    expect(found?.cure).toMatch(cure)
    expect(found?.lines).toHaveLength(1)
  })

  it.each<[said: string, why: RegExp]>([
    [
      info(
        "Waiting to retrieve agent configuration; server is not ready: Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag",
      ),
      /another machine under this name/,
    ],
    [
      error(
        'Failed to validate connection to cluster at https://10.0.0.1:6443: failed to get CA certs: Get "https://10.0.0.1:6443/cacerts": dial tcp: connection refused',
      ),
      /does not answer/,
    ],
    [
      error(
        `Failed to validate connection to cluster at https://10.0.0.1:6443: token CA hash does not match the Cluster CA certificate hash: ${hash('a')} != ${hash('b')}`,
      ),
      /another CA/,
    ],
    [
      error('Failed to retrieve agent configuration: https://127.0.0.1:6444/v1-k3s/config: 401 Unauthorized'),
      /another token/,
    ],
    [
      klog('failed to run Kubelet: node IP: "10.9.9.9" not found in the host\'s network interfaces'),
      /does not have the address/,
    ],
  ])('said again and again by a k3s that goes on: %s', (said, why) => {
    expect(findCause(heard([said, said, info('and then')]), false)?.why).toMatch(why)
  })
})

describe('no cause is guessed that the log contradicts', () => {
  it('the last words of k3s count before an error that it survived, also where nobody knows them', () => {
    const last = fatal('apiserver exited: the sky is falling')
    const found = findCause(
      heard([error('failed to get CA certs: connection refused'), last, error('not authorized')]),
      true,
    )
    expect(found).toEqual({ lines: [last.replace(/^time="[^"]*" /, '')] })
  })

  it('an error from before it came up has passed', () => {
    const refused = fatal('failed to get CA certs: connection refused')
    expect(findCause(heard([refused, up, info('waiting for the CNI')]), false)).toBeUndefined()
    expect(findCause(heard([error('not authorized'), up]), false)).toBeUndefined()
  })

  it('but counts where it ends again each time after it has come up', () => {
    expect(
      findCause(heard([shutdown('bootstrap data already found and encrypted with different token'), up]), true)?.why,
    ).toMatch(/token/)
  })

  it('and where it came up, ended, and has come up again meanwhile', () => {
    const said = [up, shutdownOf136('failed to normalize server token; must be in format K10'), up]
    expect(findCause(heard(said), false)?.why).toMatch(/kubeadm/)
  })

  it('nor does what it said once, half a minute ago', () => {
    expect(findCause(heard([error('failed to get CA certs: connection refused')], 30), false)).toBeUndefined()
  })

  it.each(['context canceled', 'terminated', 'signal: terminated', ''])(
    'an end that was ordered is none: %j',
    (reason) => {
      expect(findCause(heard([shutdown(reason), shutdownOf136(reason)]), true)).toBeUndefined()
    },
  )

  it('a command line that mentions an option is no error', () => {
    const line = info(
      'Running kubelet --cluster-dns=10.43.0.10 --fail-swap-on=false --node-ip=10.0.0.1 --token-file=/t',
    )
    expect(findCause(heard([line]), false)).toBeUndefined()
  })
})

describe('several ends of one deploy', () => {
  it('what an earlier one left is in the way now: both are shown with their cures, once each', () => {
    const began = shutdown(
      'failed to save bootstrap data: bootstrap data already found and encrypted with different token',
    )
    const trap = fatal(
      `${server}/cred/passwd newer than datastore and could cause a cluster outage. Remove the file(s) from disk`,
    )
    const found = findCause(heard([began, trap, trap.replace('10:00:00', '10:00:05'), trap]), true)
    expect(found?.lines).toHaveLength(2)
    expect(found?.cure).toMatch(/from git.*; then .*cred\/passwd/)
  })

  it('else the last one counts: a server that was not up yet at first is no cause', () => {
    const refused = fatal('failed to get CA certs: Get "https://10.0.0.1:6443/cacerts": connect: connection refused')
    const found = findCause(heard([refused, fatal('failed to bootstrap cluster data: not authorized')]), true)
    expect(found?.cure).toMatch(/^restore the token that the cluster was started with/)
  })

  it('many different ones are bounded', () => {
    const lines = Array.from({ length: 50 }, (_, index) => fatal(`end number ${index}`))
    expect(findCause(heard(lines), true)?.lines).toEqual([0, 48, 49].map((n) => `level=fatal msg="end number ${n}"`))
  })
})

it('a node password that is rejected: the cure spares the etcd member of a restored server', () => {
  const found = findCause([{ age: 0, text: 'level=fatal msg="Node password rejected"' }], true)
  expect(found?.cure).toContain('`k3s kubectl delete node NAME`')
  expect(found?.cure).toMatch(
    /restored .*: delete only .*delete secret NAME\.node-password\.k3s --namespace kube-system/,
  )
})

it('every known cause can be found by its text, and has a cure', () => {
  for (const { says, why, cure } of k3sDialect.causes) {
    for (const text of says) {
      expect(text).not.toContain('\n')
      // another cause comes first only where its own text is in this one
      expect(findCause([{ age: 0, text: `level=fatal msg="${text}"` }], true)?.why, text).toBeDefined()
    }
    expect(why.length).toBeGreaterThan(10)
    expect(cure.length).toBeGreaterThan(10)
  }
})
