import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import { type ForeignQuestion, type ForeignState, foreignState } from '../../../src/probes/foreign.ts'
import { until } from '../../support/until.ts'

interface Machine {
  readonly disk?: Readonly<Record<string, string | { readonly link: string }>>
  /** What `systemctl show` says of units: `Id`, the command lines they start, and what else is to differ. */
  readonly units?: readonly {
    readonly id: string
    readonly exec: readonly string[]
    readonly more?: Readonly<Record<string, string>>
  }[]
  readonly environment?: string
  /** `ss -Hltunp` */
  readonly sockets?: string
}

const question: ForeignQuestion = {
  unit: 'k3s-agent.service',
  units: ['k3s-agent.service', 'keel-firewall.service'],
  places: k3sPlaces,
  own: [],
  ports: ['tcp:10250', 'udp:8472'],
}

let machines: string
beforeAll(async () => {
  machines = await mkdtemp(join(tmpdir(), 'keel-foreign-'))
})
afterAll(() => rm(machines, { recursive: true }))

/** Asks a machine with this disk, these units and these sockets. */
async function ask(machine: Machine, asked: ForeignQuestion = question): Promise<ForeignState> {
  const root = await mkdtemp(join(machines, 'machine-'))
  for (const [path, what] of Object.entries(machine.disk ?? {})) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    if (typeof what === 'string') await writeFile(join(root, path), what)
    else await symlink(what.link.replace(/^\/(?!dev\/)/, `${root}/`), join(root, path))
  }
  const shown = (machine.units ?? []).map(({ id, exec, more = {} }) => {
    const commands = exec.map((line) => {
      const command = line.replaceAll('ROOT', root)
      return `ExecStart={ path=${command.split(' ')[0]} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`
    })
    const properties = {
      LoadState: 'loaded',
      ActiveState: 'inactive',
      UnitFileState: 'disabled',
      FragmentPath: `/etc/systemd/system/${id}`,
      ...more,
    }
    return [`Id=${id}`, ...Object.entries(properties).map(([name, value]) => `${name}=${value}`), ...commands].join(
      '\n',
    )
  })
  const programs = {
    systemctl: `case $1 in
show) [[ $* == *EnvironmentFiles* ]] || cat <<'END'\n${shown.join('\n\n')}\nEND\n;;
show-environment) cat <<'END'\n${machine.environment ?? ''}\nEND\n;;
*) exit 1 ;;\nesac`,
    ss: `cat <<'END'\n${machine.sockets ?? ''}\nEND`,
  }
  for (const [name, text] of Object.entries(programs)) {
    await mkdir(join(root, 'programs'), { recursive: true })
    await writeFile(join(root, 'programs', name), `#!/bin/bash\n${text}\n`)
    await chmod(join(root, 'programs', name), 0o755)
  }
  const script = foreignState
    .script({ ...asked, own: asked.own.map((path) => `${root}${path}`) })
    .replaceAll(/(?<=[\s'"{(=])\/(etc|run|usr|lib|var|nix)\/(?!null)/g, `${root}/$1/`)
    .replaceAll(/(?<=(?:path|file|\)) == |!= )\/(usr|lib|nix|etc)/g, `${root}/$1`)
  const { stdout } = await execa('bash', ['-c', `export LC_ALL=C\n${script}`], {
    env: { PATH: `${join(root, 'programs')}:${process.env.PATH}` },
  })
  return foreignState.parse(stdout.replaceAll(root, ''))
}

const unitText = (exec: string) => `[Service]\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`

describe('a host is asked which units start a Kubernetes', () => {
  const starting: readonly (readonly [exec: string, what: string])[] = [
    ['/usr/local/bin/k3s server', 'k3s server'],
    ['/usr/local/bin/k3s --debug agent --server https://10.0.0.1:6443', 'k3s agent'],
    ['/usr/local/lib/keel/k3s-0123456789abcdef server', 'k3s server'],
    ['/bin/sh -c exec /opt/k3s server --cluster-init', 'k3s server'],
    ['/usr/bin/rke2 agent', 'rke2 agent'],
    ['/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml', 'kubelet'],
    ['/usr/bin/env kubelet', 'kubelet'],
    ['/usr/bin/kubeadm join 10.0.0.1:6443', 'kubeadm join'],
    ['/usr/local/bin/k0s controller --single', 'k0s controller'],
    ['/snap/bin/microk8s start', 'microk8s'],
    ['/usr/bin/docker run --rm --privileged rancher/k3s:v1.34.1-k3s1 server', 'rancher/k3s in a container'],
    ['/usr/bin/podman run docker.io/kindest/node:v1.34.0', 'kindest/node in a container'],
    ['/usr/bin/systemctl start k3s.service', 'a start of a Kubernetes service'],
    ['/usr/bin/systemctl start --no-block kubelet.service', 'a start of a Kubernetes service'],
    ['/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS', 'kubelet'],
  ]
  const others = [
    '/usr/local/bin/k3s etcd-snapshot save',
    '/usr/local/bin/k3s kubectl get nodes',
    '/usr/bin/node_exporter --collector.filesystem.ignored-mount-points=/var/lib/kubelet ',
    '/usr/bin/keel-agent --kubeconfig /etc/keel/kubeconfig',
    '/usr/bin/find /var/lib/kubelet -name x',
    '/usr/sbin/sshd -D',
    // what keel has on a host of kubeadm
    '/usr/bin/env bash /etc/keel/kubeadm/join.sh server',
    '/usr/bin/env bash /etc/keel/kubeadm/manifests.sh',
    '/usr/bin/containerd --config /etc/containerd/config.toml',
  ]
  /** One machine has a unit for each: the script takes longer to start than to look at another unit. */
  const unitOf = (exec: string) => `mine-${[...starting.map(([line]) => line), ...others].indexOf(exec)}.service`
  let found: ForeignState['units']
  beforeAll(async () => {
    const active = { ActiveState: 'active' }
    const units = [
      ...starting.map(([exec]) => ({ id: unitOf(exec), exec: [exec], more: active })),
      ...others.map((exec) => ({ id: unitOf(exec), exec: [exec] })),
    ]
    found = (await ask({ units })).units
  })

  it.each(starting)('%s', (exec, what) => {
    const id = unitOf(exec)
    expect(found.filter(({ unit }) => unit === id)).toEqual([
      {
        unit: id,
        active: 'active',
        enabled: 'disabled',
        path: `/etc/systemd/system/${id}`,
        what,
        startedBy: [],
        flags: expect.any(Array),
      },
    ])
  })

  it.each(others)('and does not name %s', (exec) => {
    expect(found).toHaveLength(starting.length)
    expect(found.map(({ unit }) => unit)).not.toContain(unitOf(exec))
  })

  it('with the names of the options on its command line, and none of their values', async () => {
    const { units } = await ask({
      units: [{ id: 'mine.service', exec: ['/usr/local/bin/k3s --debug agent --token hunter2 --data-dir=/x'] }],
    })
    expect(units[0]?.flags).toEqual(['debug', 'token', 'data-dir'])
    expect(JSON.stringify(units)).not.toContain('hunter2')
  })

  it('a second command, a script that a unit runs, and what starts it', async () => {
    const { units } = await ask({
      disk: {
        '/opt/start.sh': '#!/bin/sh\n# k3s agent\nset -e\nexec /usr/local/bin/k3s server --token=hunter2hunter2\n',
      },
      units: [
        { id: 'two.service', exec: ['/bin/true', '/usr/local/bin/k3s agent'] },
        {
          id: 'script.service',
          exec: ['ROOT/opt/start.sh now'],
          more: { UnitFileState: 'static', TriggeredBy: 'script.timer' },
        },
      ],
    })
    expect(units.map(({ unit, what, startedBy }) => ({ unit, what, startedBy }))).toEqual([
      { unit: 'two.service', what: 'k3s agent', startedBy: [] },
      { unit: 'script.service', what: 'k3s server', startedBy: ['script.timer'] },
    ])
  })

  it('and asks systemd by name for those on the disk that it has not read', async () => {
    const root = await mkdtemp(join(machines, 'names-'))
    const disk = [
      'etc/systemd/system/k3s.service',
      'run/systemd/system/old.service',
      'usr/lib/systemd/system/kubelet.service',
      'etc/systemd/system/cron.service',
    ]
    for (const path of disk) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(
        join(root, path),
        unitText(path.includes('cron') ? '/usr/sbin/cron' : '/usr/local/bin/k3s \\\n server'),
      )
    }
    await mkdir(join(root, 'etc/systemd/system/multi-user.target.wants'))
    await symlink(
      '/etc/systemd/system/rke2@.service',
      join(root, 'etc/systemd/system/multi-user.target.wants/rke2@two.service'),
    )
    await writeFile(join(root, 'etc/systemd/system/rke2@.service'), unitText('/usr/bin/rke2 %i'))
    await writeFile(join(root, 'systemctl'), `#!/bin/bash\necho "$@" >> ${root}/asked\n`)
    await chmod(join(root, 'systemctl'), 0o755)
    const script = foreignState.script(question).replaceAll(/(?<=[\s'"{(=])\/(etc|run|usr|lib|var)\//g, `${root}/$1/`)
    await execa('bash', ['-c', script], { env: { PATH: `${root}:${process.env.PATH}` } })
    const { stdout } = await execa('head', ['-n', '1', join(root, 'asked')])
    expect(stdout.split(' -- ')[1]?.split(' ')).toEqual([
      '*.service',
      'k3s.service',
      'kubelet.service',
      'old.service',
      'rke2@two.service',
    ])
  })
})

it('cron and rc.local: the line, and not what is on it', async () => {
  const { starters } = await ask({
    disk: {
      '/etc/cron.d/k3s':
        '# @reboot root k3s server\nSHELL=/bin/sh\n@reboot root /usr/local/bin/k3s server --token hunter2\n',
      '/etc/rc.local': '#!/bin/sh\nsystemctl start k3s\n',
      '/etc/crontab': '0 3 * * * root k3s etcd-snapshot save\n',
    },
  })
  expect(starters).toEqual([
    { place: '/etc/cron.d/k3s:3', what: 'k3s server' },
    { place: '/etc/rc.local:2', what: 'a start of a Kubernetes service' },
  ])
})

it('who listens on the ports that k3s needs, and has not ended since', async () => {
  const ended = spawnSync('true')
  const { ports } = await ask({
    sockets: `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=${process.pid},fd=3))
tcp LISTEN 0 4096 *:10250 *:* users:(("kubelet",pid=${process.pid},fd=12))
udp UNCONN 0 0 0.0.0.0:8472 0.0.0.0:*
tcp LISTEN 0 4096 [::1]:6443 [::]:* users:(("haproxy",pid=${process.pid},fd=12))
tcp LISTEN 0 4096 0.0.0.0:10250 0.0.0.0:* users:(("exe",pid=${ended.pid},fd=12))`,
  })
  expect(ports).toMatchObject([{ protocol: 'tcp', port: 10250, program: 'kubelet', pid: `${process.pid}` }])
})

describe('what changes how keel’s units run', () => {
  it('drop-ins of each of them, with the names of what they set', async () => {
    const { dropIns } = await ask({
      disk: {
        '/etc/systemd/system/keel-firewall.service.d/a.conf':
          '[Service]\nExecStart=\nExecStart=/bin/true --secret hunter2\n',
        '/etc/systemd/system/k3s-.service.d/b.conf':
          '[Service]\nEnvironment=K3S_TOKEN=hunter2 "K3S_URL=https://x"\nTimeoutStartSec=5\n',
        '/etc/systemd/system/service.d/c.conf': '[Service]\nNice=\\\n 5\n',
        '/run/systemd/system/service.d/zzz-lxc-service.conf': '[Service]\nProtectProc=default\n',
      },
    })
    expect(dropIns).toEqual([
      {
        unit: 'k3s-agent.service',
        path: '/etc/systemd/system/k3s-.service.d/b.conf',
        sets: ['Environment:K3S_TOKEN', 'Environment:K3S_URL', 'TimeoutStartSec'],
      },
      { unit: 'k3s-agent.service', path: '/etc/systemd/system/service.d/c.conf', sets: ['Nice'] },
      {
        unit: 'keel-firewall.service',
        path: '/etc/systemd/system/keel-firewall.service.d/a.conf',
        sets: ['ExecStart'],
      },
      { unit: 'keel-firewall.service', path: '/etc/systemd/system/service.d/c.conf', sets: ['Nice'] },
    ])
  })

  it('defaults of systemd, variables of its manager, and files of variables', async () => {
    const found = await ask({
      disk: {
        '/etc/systemd/system.conf': '[Manager]\n#DefaultEnvironment=A=b\n',
        '/etc/systemd/system.conf.d/k3s.conf':
          '[Manager]\nDefaultEnvironment=K3S_URL=https://x HTTP_PROXY=http://p\nDefaultTimeoutStartSec=5\nDefaultCPUAccounting=yes\nDefaultTimeoutStopSec=5\n',
        '/etc/default/k3s': 'K3S_TOKEN=hunter2\nexport K3S_URL=https://x\n# NOT=this\n',
      },
      environment: 'PATH=/usr/bin\nK3S_NODE_NAME=other\nLANG=C',
    })
    expect(found.defaults).toEqual([
      {
        path: '/etc/systemd/system.conf.d/k3s.conf',
        sets: ['DefaultEnvironment:HTTP_PROXY', 'DefaultEnvironment:K3S_URL', 'DefaultTimeoutStartSec'],
      },
    ])
    expect(found.environment).toEqual(['K3S_NODE_NAME'])
    expect(found.variables).toEqual([{ path: '/etc/default/k3s', isRead: false, names: ['K3S_TOKEN', 'K3S_URL'] }])
  })
})

describe('files that k3s reads', () => {
  const config = '/etc/rancher/k3s/config.yaml.d'
  const data = '/var/lib/rancher/k3s'

  it('config.yaml.d: keys, never values; what is from keel is not looked at', async () => {
    const asked = await ask(
      {
        disk: {
          [`${config}/10-keel-join.yaml`]: 'server: https://10.0.0.1:6443\n',
          [`${config}/50-mine.YML`]: '{ "kubelet-arg+": [max-pods=7], token: hunter2 }',
          [`${config}/60-broken.yaml`]: 'a: [hunter2\n',
          [`${config}/70-list.yaml`]: '- hunter2\n',
          [`${config}/75-large.yaml`]: `a: ${'x'.repeat(17_000)}\n`,
          [`${config}/80-empty.yaml`]: '# nothing\n',
          [`${config}/99-local.yaml`]: 'node-name: oldname\nnode-label: [old=1]\n',
          [`${config}/README`]: 'node-name: not read by k3s\n',
        },
      },
      { ...question, own: [`${config}/10-keel-join.yaml`] },
    )
    expect(asked.configs).toEqual([
      { path: `${config}/50-mine.YML`, keys: ['kubelet-arg+', 'token'] },
      { path: `${config}/60-broken.yaml` },
      { path: `${config}/70-list.yaml` },
      { path: `${config}/75-large.yaml` },
      { path: `${config}/80-empty.yaml`, keys: [] },
      { path: `${config}/99-local.yaml`, keys: ['node-name', 'node-label'] },
    ])
    expect(JSON.stringify(asked)).not.toContain('hunter2')
  })

  it('all others by their path alone', async () => {
    const paths = {
      registries: '/etc/rancher/k3s/registries.yaml',
      manifest: `${data}/server/manifests/mine.yaml`,
      pod: `${data}/agent/pod-manifests/static.yaml`,
      containerd: `${data}/agent/etc/containerd/config-v3.toml.tmpl`,
      kubelet: `${data}/agent/etc/kubelet.conf.d/99-mine.conf`,
      cni: '/etc/cni/net.d/10-calico.conflist',
    }
    const { files } = await ask({
      disk: { ...Object.fromEntries(Object.values(paths).map((path) => [path, 'x'])), '/etc/cni/net.d/.kept': '' },
    })
    expect(files).toEqual(Object.entries(paths).map(([kind, path]) => ({ kind, path })))
  })

  it('but not what a NixOS configuration makes, nor what keel made with a value in it', async () => {
    const { configs, files } = await ask({
      disk: {
        '/nix/store/a-x.yaml': 'node-name: x\\n',
        '/run/keel/k3s-secret-flags': 'etcd-s3-secret-key: hunter2\\n',
        [`${config}/90-keel-secrets.yaml`]: { link: '/run/keel/k3s-secret-flags' },
        [`${config}/50-theirs.yaml`]: { link: '/nix/store/a-x.yaml' },
        [`${data}/server/manifests/theirs.yaml`]: { link: '/nix/store/a-x.yaml' },
        [`${data}/agent/etc/containerd/config.toml.tmpl`]: { link: '/nix/store/a-x.yaml' },
      },
    })
    expect({ configs, files }).toEqual({ configs: [], files: [] })
  })

  it('a machine without any says nothing', async () => {
    expect(await ask({})).toEqual({
      units: [],
      starters: [],
      containers: [],
      processes: [],
      ports: [],
      dropIns: [],
      defaults: [],
      environment: [],
      variables: [],
      configs: [],
      files: [],
    })
  })

  it('a file’s name can’t pass for another line of the answer', async () => {
    const { configs, files } = await ask({ disk: { [`${config}/a\nfile\tpod\tx.yaml`]: 'a: 1\n' } })
    expect({ configs, files }).toEqual({ configs: [{ path: `${config}/a?file?pod?x.yaml`, keys: ['a'] }], files: [] })
  })
})

it('a kubelet that runs is one, and one that only tells its version is none: keel itself asks for that', async () => {
  const program = join(await mkdtemp(join(machines, 'kubelet-')), 'kubelet')
  await writeFile(program, '#!/bin/bash\nread -r\n', { mode: 0o755 })
  const running = ['--config=/x', '--version'].map((option) => execa(program, [option], { reject: false }))
  try {
    for (const { pid } of running)
      await until('it has its name', async () => (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'kubelet\n')
    const pids = (await ask({})).processes.map(({ pid }) => Number(pid))
    expect(running.map(({ pid = 0 }) => pids.includes(pid))).toEqual([true, false])
  } finally {
    for (const one of running) one.kill()
  }
})
