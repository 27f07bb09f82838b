import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

/**
 * The virtual kubelet with a real API server, scheduler and controller manager, and real systemd: a Node beside the one
 * of the host itself. keel does not deploy it yet, so the test brings the program and signs the credential.
 */
const NODE = 'farm'
const FOLDER = '/var/lib/vkubelet-test'
let cluster: LabCluster
let address: string

const host = () => cluster.host('server-1')
const unitOf = (pod: string, container = 'main') => unitName({ namespace: 'default', pod, container })
const tolerations = [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }]

interface PodParts {
  readonly spec?: object
  readonly container?: object
}

function podOf(name: string, { spec = {}, container = {} }: PodParts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': NODE },
      tolerations,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', image: 'exec:/usr/bin/sleep', args: ['3600'], ...container }],
      ...spec,
    },
  }
}

const apply = (...objects: readonly object[]) =>
  host().sh('k3s kubectl apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
const read = async (name: string) => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json'))
const waitFor = (name: string, what: string) => cluster.kubectl('wait', `--for=${what}`, `pod/${name}`, '--timeout=60s')
const startProgram = () =>
  host().sh(
    `systemd-run --quiet --unit=vkubelet-test --setenv=NODE_EXTRA_CA_CERTS= ${FOLDER}/node ${FOLDER}/program.mjs ${NODE} https://127.0.0.1:6443 ${FOLDER} ${address}`,
  )

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vks', agents: 0 })
  await cluster.keel.expect(0, 'pin')
  await cluster.keel.expect(0, 'deploy', '--yes')
  const { nodeIP: found } = host().described
  address = found
  const made = mkdtempSync(join(tmpdir(), 'keel-vkubelet-'))
  try {
    const outfile = join(made, 'program.mjs')
    const entry = new URL('../../real/vkubelet/node-child.ts', import.meta.url).pathname
    // yaml asks for modules of node as CommonJS does
    const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
    const form = { bundle: true, format: 'esm', platform: 'node', target: 'node22.18', banner: { js } } as const
    await build({ entryPoints: [entry], outfile, ...form })
    await host().receive(outfile, `${FOLDER}/program.mjs`)
    await host().receive(process.execPath, `${FOLDER}/node`)
  } finally {
    rmSync(made, { recursive: true })
  }
  const tls = '/var/lib/rancher/k3s/server/tls'
  await host().sh(`cd ${FOLDER}; chmod 755 node; chmod 700 .
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout client.key -subj '/O=system:nodes/CN=system:node:${NODE}' -out client.csr 2>/dev/null
printf 'extendedKeyUsage=clientAuth\\n' > ext
openssl x509 -req -in client.csr -CA ${tls}/client-ca.crt -CAkey ${tls}/client-ca.key -CAserial serial -CAcreateserial -days 1 -extfile ext -out client.crt 2>/dev/null
cp ${tls}/server-ca.crt ca.crt`)
  await startProgram()
  await until('the default service account is there', async () =>
    (await cluster.kubectl('get', 'serviceaccounts', '--ignore-not-found', 'default')).includes('default'),
  )
})
afterAll(() => cluster?.down())

test('the Node is Ready, and says what it is', async () => {
  await until('the Node is there', async () => (await cluster.nodes()).includes(`${NODE} Ready`))
  const node = JSON.parse(await cluster.kubectl('get', 'node', NODE, '-o', 'json'))
  expect(node.status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  expect(node.spec.taints).toContainEqual({
    key: 'virtual-kubelet.io/provider',
    value: 'systemd',
    effect: 'NoSchedule',
  })
})

describe('a Pod', () => {
  test('runs as a unit of systemd in the slice of its Pod, and goes without a trace', async () => {
    const began = performance.now()
    await apply(podOf('one.with.dots-and-dashes'))
    await waitFor('one.with.dots-and-dashes', 'condition=Ready')
    console.log(`from apply to Ready: ${Math.round(performance.now() - began)} ms`)
    const unit = unitOf('one.with.dots-and-dashes')
    const shown = await host().sh(`systemctl show -p ActiveState -p SubState -p Slice '${unit}'`)
    expect(shown.trim().split('\n').toSorted()).toEqual([
      'ActiveState=active',
      'Slice=vks-default.one.with.dots\\x2dand\\x2ddashes.slice',
      'SubState=running',
    ])
    const pod = await read('one.with.dots-and-dashes')
    const invocation = (await host().sh(`systemctl show -p InvocationID --value '${unit}'`)).trim()
    expect(pod.status.containerStatuses[0]).toMatchObject({ containerID: `systemd://${invocation}`, ready: true })
    await cluster.kubectl('delete', 'pod', 'one.with.dots-and-dashes')
    const left = () =>
      host().sh("ls /run/systemd/system /run/keel-vkubelet/pods | grep -E '^vks|^[0-9a-f]{8}-' || true")
    await until('its files are gone', async () => (await left()) === '')
    expect(await host().sh(`systemctl list-units --all --plain --no-legend 'vks.*.service' 'vks-*.slice'`)).toBe('')
  })

  test('gets its arguments and its environment exactly, and no unit has a value', async () => {
    const odd = [
      '%n',
      '100%',
      '$HOME',
      `\${HOME}`,
      '$$',
      '; rm -rf /',
      'a b',
      '',
      '"\'\\',
      'two\nlines',
      '\t\u0001\u007f',
      '\u{1f600}',
      '#x',
      '-x',
      '\\x41',
      '$(NOBODY)',
      '$$(SECRET)',
    ]
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db' },
      stringData: { password: 'pa$$"\\`w\n%n ord ' },
    }
    const script =
      'printf "%s\\0" "$@" > /srv/args; printf "%s" "$SECRET" > /srv/secret; env -0 > /srv/env; exec sleep 3600'
    await apply(
      secret,
      podOf('odd', {
        container: {
          command: ['/bin/bash', '-c', script, 'bash', ...odd, 'x$(SECRET)y'],
          args: [],
          env: [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
        },
      }),
    )
    await waitFor('odd', 'condition=Ready')
    await until('it has written', async () => (await host().sh('cat /srv/env 2>/dev/null || true')).includes('SECRET='))
    const password = 'pa$$"\\`w\n%n ord '
    const expected = odd.map((one) => (one === '$$' ? '$' : one === '$$(SECRET)' ? '$(SECRET)' : one))
    expect((await host().sh('cat /srv/args')).split('\0').slice(0, -1)).toEqual([...expected, `x${password}y`])
    expect(await host().sh('cat /srv/secret')).toBe(password)
    const unit = unitOf('odd')
    const told = await host().sh(`systemctl cat '${unit}'; systemctl show '${unit}'`)
    expect(told).not.toContain('`w')
    expect(
      (
        await host().sh(`stat -c '%a %U' /run/keel-vkubelet/pods/*/main.env; stat -c '%a' /run/keel-vkubelet/pods/*`)
      ).trim(),
    ).toBe('600 root\n700')
    await cluster.kubectl('delete', 'pod', 'odd')
  })

  test('sees no socket of systemd, no credential of the Node, no device, and changes no program', async () => {
    const script = `reach() { if [ -e "$1" ] && { [ ! -d "$1" ] || ls -A "$1" 2>/dev/null | grep -q .; }; then echo "sees $1"; fi; }
for path in /run/systemd/private /run/dbus/system_bus_socket /run/keel-vkubelet ${FOLDER}/client.key /etc/ssh/ssh_host_ed25519_key /dev/kmsg; do reach $path; done > /srv/seen
touch /usr/bin/x 2>/dev/null && echo "writes /usr" >> /srv/seen; touch /etc/x 2>/dev/null && echo "writes /etc" >> /srv/seen
mount -t tmpfs tmpfs /mnt 2>/dev/null && echo mounts >> /srv/seen; systemctl --version > /dev/null; systemctl list-units > /dev/null 2>&1 && echo "asks systemd" >> /srv/seen
grep CapBnd /proc/self/status >> /srv/seen; echo done >> /srv/seen; exec sleep 3600`
    await apply(podOf('look', { container: { command: ['/bin/bash', '-c', script], args: [] } }))
    const seen = await until('it has looked', async () => {
      const text = await host().sh('cat /srv/seen 2>/dev/null || true')
      return text.endsWith('done') ? text : undefined
    })
    expect(seen).toMatch(/^CapBnd:\t[0-9a-f]{16}\ndone$/)
    await cluster.kubectl('delete', 'pod', 'look')
  })

  test('that crashes is restarted with growing pauses, and its exit code is known', async () => {
    await apply(podOf('crash', { container: { command: ['/bin/bash', '-c', 'exit 7'], args: [] } }))
    const pod = await until('it waits', async () => {
      const found = await read('crash')
      const [status] = found.status.containerStatuses ?? []
      return status?.restartCount === 1 && status.state.waiting?.reason === 'CrashLoopBackOff' ? found : undefined
    })
    expect(pod.status).toMatchObject({
      phase: 'Running',
      containerStatuses: [{ lastState: { terminated: { exitCode: 7, reason: 'Error' } } }],
    })
    await until('its third run', async () => (await read('crash')).status.containerStatuses[0].restartCount === 2)
    await cluster.kubectl('delete', 'pod', 'crash')
  })

  test.each<[string, PodParts, string, object]>([
    [
      'ends well',
      { container: { command: ['/bin/true'], args: [] } },
      'Succeeded',
      { exitCode: 0, reason: 'Completed' },
    ],
    [
      'fails',
      { container: { command: ['/bin/bash', '-c', 'exit 3'], args: [] } },
      'Failed',
      { exitCode: 3, reason: 'Error' },
    ],
    [
      'is killed',
      { container: { command: ['/bin/bash', '-c', 'kill -9 $$$$'], args: [] } },
      'Failed',
      { exitCode: 137, reason: 'Error' },
    ],
    [
      'has no such program',
      { container: { command: ['/usr/bin/no-such-program'], args: [] } },
      'Failed',
      { exitCode: 128, reason: 'StartError' },
    ],
  ])('that %s is over', async (what, parts, phase, terminated) => {
    const name = what.replaceAll(' ', '-')
    await apply(podOf(name, { ...parts, spec: { restartPolicy: 'Never' } }))
    await waitFor(name, `jsonpath={.status.phase}=${phase}`)
    expect((await read(name)).status.containerStatuses[0].state.terminated).toMatchObject(terminated)
    await cluster.kubectl('delete', 'pod', name)
  })

  test('with a user runs as that user, without capabilities that were dropped', async () => {
    const script = '{ id -u; id -g; grep -E "CapBnd|NoNewPrivs" /proc/self/status; } > /tmp/who; exec sleep 3600'
    const securityContext = { runAsUser: 4321, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false }
    await apply(podOf('who', { container: { command: ['/bin/bash', '-c', script], args: [], securityContext } }))
    await waitFor('who', 'condition=Ready')
    const pid = (await host().sh(`systemctl show -p MainPID --value '${unitOf('who')}'`)).trim()
    const told = await until(
      'it has told',
      async () =>
        (await host().sh(`cat /proc/${pid}/root/tmp/who 2>/dev/null || true`)).includes('NoNewPrivs') &&
        host().sh(`cat /proc/${pid}/root/tmp/who`),
    )
    expect(told).toMatch(/^4321\n4321\nCapBnd:\t0{16}\nNoNewPrivs:\t1$/)
    await cluster.kubectl('delete', 'pod', 'who')
  })

  test('that this Node does not run stays Pending, and says why', async () => {
    await apply(podOf('refused', { container: { tty: true } }))
    await waitFor('refused', 'jsonpath={.status.reason}=NotSupported')
    expect((await read('refused')).status).toMatchObject({
      phase: 'Pending',
      message: 'spec.containers[0].tty: a unit has no terminal',
    })
    await cluster.kubectl('delete', 'pod', 'refused')
  })
})

describe('the volumes of a Pod', () => {
  const settings = (a: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings-1.2' },
    data: { a },
  })
  const left = () =>
    host().sh(
      'ls /run/keel-vkubelet/pods /var/lib/keel-vkubelet/pods /var/lib/keel-pods /var/lib/private/keel-pods /run/keel-pods 2>/dev/null | grep -E "^[0-9a-f]{8}-" || true; grep -c keel-vkubelet/pods /proc/self/mountinfo || true',
    )

  test('the token that Kubernetes adds works, and new contents come while it runs', async () => {
    const script =
      'cp -rL /var/run/secrets/kubernetes.io/serviceaccount /srv/account; until grep -q two /data/a; do sleep 0.2; done; touch /srv/updated; exec sleep 3600'
    const spec = { automountServiceAccountToken: true, volumes: [{ name: 'v', configMap: { name: 'settings-1.2' } }] }
    const volumeMounts = [{ name: 'v', mountPath: '/data' }]
    await apply(podOf('account', { spec, container: { command: ['/bin/bash', '-c', script], args: [], volumeMounts } }))
    const waiting = await until('it waits for the configMap', async () => {
      const [status] = (await read('account')).status.containerStatuses ?? []
      return status?.state.waiting
    })
    expect(waiting).toMatchObject({
      reason: 'ContainerCreating',
      message: expect.stringContaining('settings-1.2 does not exist'),
    })
    await apply(settings('one'))
    await waitFor('account', 'condition=Ready')
    await until('it has copied', async () => (await host().sh('ls /srv/account || true')).includes('token'))
    expect((await host().sh('ls /srv/account')).trim().split('\n').toSorted()).toEqual(['ca.crt', 'namespace', 'token'])
    const told = await host().sh(
      'k3s kubectl --kubeconfig /dev/null --server https://127.0.0.1:6443 --certificate-authority /srv/account/ca.crt --token "$(cat /srv/account/token)" auth whoami -o jsonpath="{.status.userInfo.username}"',
    )
    expect(told.trim()).toBe('system:serviceaccount:default:default')
    await apply(settings('two'))
    await until('it sees the new contents', async () => (await host().sh('ls /srv')).includes('updated'))
    await cluster.kubectl('delete', 'pod', 'account')
    await until('nothing is left', async () => (await left()).trim() === '0')
  })

  test('are for its user, with its group, and go with it', async () => {
    const script = `{ id -u; for place in /disk /memory $STATE_DIRECTORY $CACHE_DIRECTORY $LOGS_DIRECTORY $RUNTIME_DIRECTORY; do echo kept > $place/file && cat $place/file; done
stat -L -c '%a %u %g' /var/run/secrets/kubernetes.io/serviceaccount/token; head -c1 /var/run/secrets/kubernetes.io/serviceaccount/token | wc -c
head -c 2000000 /dev/zero > /memory/big 2> /dev/null || echo full; } > /disk/out 2>&1; exec sleep 3600`
    const spec = {
      automountServiceAccountToken: true,
      securityContext: { runAsUser: 4321, fsGroup: 5432 },
      volumes: [
        { name: 'disk', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ],
    }
    const volumeMounts = [
      { name: 'disk', mountPath: '/disk' },
      { name: 'memory', mountPath: '/memory' },
    ]
    await apply(podOf('owned', { spec, container: { command: ['/bin/bash', '-c', script], args: [], volumeMounts } }))
    await waitFor('owned', 'condition=Ready')
    const { uid } = (await read('owned')).metadata
    const out = `/var/lib/keel-vkubelet/pods/${uid}/volumes/disk/out`
    const told = await until('it has told', async () => {
      const text = await host().sh(`cat ${out} 2>/dev/null || true`)
      return text.includes('full') ? text : undefined
    })
    expect(told).toBe(['4321', ...Array(6).fill('kept'), '640 4321 5432', '1', 'full'].join('\n'))
    expect((await host().sh(`stat -c '%a %u %g' ${out}`)).trim()).toMatch(/ 4321 5432$/)
    await cluster.kubectl('delete', 'pod', 'owned')
    await until('nothing is left', async () => (await left()).trim() === '0')
  })
})

describe('the health of a Pod', () => {
  const sh = (script: string) => ({ exec: { command: ['/bin/sh', '-c', script] } })

  test('decides when it is ready, and when it runs again', async () => {
    const script = 'echo well > /run/state; exec sleep 3600'
    const container = {
      command: ['/bin/bash', '-c', script],
      args: [],
      startupProbe: { ...sh('test -e /run/state'), periodSeconds: 1 },
      readinessProbe: { ...sh('test -e /srv/ready'), periodSeconds: 1, failureThreshold: 1 },
      livenessProbe: { ...sh('test ! -e /srv/sick'), periodSeconds: 1, failureThreshold: 2 },
      lifecycle: { postStart: sh('cp /run/state /srv/started'), preStop: sh('cp /run/state /srv/stopped') },
    }
    await apply(podOf('probed', { container }))
    await until('it has started', async () => (await read('probed')).status.containerStatuses?.[0]?.started === true)
    expect((await read('probed')).status.containerStatuses[0]).toMatchObject({ ready: false })
    await host().sh('touch /srv/ready')
    await waitFor('probed', 'condition=Ready')
    await host().sh('rm /srv/ready')
    await waitFor('probed', 'condition=Ready=False')
    await host().sh('touch /srv/sick')
    await until('it runs again', async () => (await read('probed')).status.containerStatuses[0].restartCount > 0)
    await host().sh('rm /srv/sick; touch /srv/ready')
    await waitFor('probed', 'condition=Ready')
    await cluster.kubectl('delete', 'pod', 'probed')
    expect(await host().sh('cat /srv/started /srv/stopped')).toBe('well\nwell')
  })

  test('ends with its deadline', async () => {
    await apply(podOf('short', { spec: { activeDeadlineSeconds: 2 } }))
    await waitFor('short', 'jsonpath={.status.phase}=Failed')
    expect((await read('short')).status).toMatchObject({ reason: 'DeadlineExceeded' })
    await cluster.kubectl('delete', 'pod', 'short')
  })
})

describe('a bad day', () => {
  test('the program is killed: the Pod runs on, and the next start takes it over', async () => {
    await apply(podOf('stays'))
    await waitFor('stays', 'condition=Ready')
    const invocation = () => host().sh(`systemctl show -p InvocationID,MainPID --value '${unitOf('stays')}'`)
    const before = await invocation()
    await host().sh('systemctl kill --signal=SIGKILL vkubelet-test; systemctl reset-failed vkubelet-test || true')
    expect(await invocation()).toBe(before)
    // deleted while nobody looks
    await apply(podOf('goes'))
    await cluster.kubectl('delete', 'pod', 'goes', '--force', '--grace-period=0')
    await startProgram()
    await apply(podOf('after'))
    await waitFor('after', 'condition=Ready')
    expect(await invocation()).toBe(before)
    expect((await read('stays')).status.containerStatuses[0].restartCount).toBe(0)
  })

  test('a Deployment of this Node rolls out, and a forced delete leaves nothing', async () => {
    const template = podOf('web') as { metadata: object; spec: object }
    const { metadata, spec } = template
    await apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec },
      },
    })
    expect(metadata).toBeDefined()
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')
    expect(
      (await host().sh(`systemctl list-units --plain --no-legend 'vks.default.web-*.service' | wc -l`)).trim(),
    ).toBe('3')
    await cluster.kubectl('delete', 'deployment', 'web', '--wait=false')
    await cluster.kubectl('delete', 'pods', '-l', 'app=web', '--force', '--grace-period=0')
    await until(
      'no unit of it is left',
      async () => (await host().sh(`ls /run/systemd/system | grep -c web || true`)).trim() === '0',
    )
  })
})
