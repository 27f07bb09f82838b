import { describe, expect, it } from 'vitest'
import type { Host } from '../../../src/model/cluster.ts'
import { hasUnit } from '../../../src/model/distribution/service.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { describePlan } from '../../../src/plan/describe-plan.ts'
import { planHost } from '../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { isEmpty } from '../../../src/plan/plan.ts'
import type { ForeignState, ForeignUnit } from '../../../src/probes/foreign.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { seenHost, viewOf } from '../../support/samples/cluster-view.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../support/samples/sample-facts.ts'

const nothing: ForeignState = {
  ...{ units: [], starters: [], containers: [], processes: [], ports: [], dropIns: [] },
  ...{ defaults: [], environment: [], variables: [], configs: [], files: [] },
}
const sources = sourcesOf({ 'k3s-agent-token': 'a1', 'k3s-server-token': 'a2' })

/** The plan of a host that is as the inventory says, and on which this was found besides. */
function planned(found: Partial<ForeignState>, over: Partial<Omit<Host, 'name'>> = {}, owned: readonly string[] = []) {
  const host = sampleHost({ name: 'maia', ...over })
  const first = sampleHost({ name: 'ocean', role: 'server', firstServer: true, k3s: over.k3s ?? {} })
  const cluster = sampleCluster([first, host])
  const rendered = renderedOf(cluster, host, sampleSurroundings)
  const empty = emptyFacts(host.name, rendered.services)
  const dropIns = (found.dropIns ?? []).filter((one) => hasUnit(rendered.services, one.unit)).map(({ path }) => path)
  const facts = withServices(applyOperations(rendered, empty, sources, planHost(rendered, empty, sources)), { dropIns })
  const seen = {
    host,
    rendered,
    facts: {
      ...facts,
      past: { server: host.role === 'server', agent: true },
      foreign: { ...nothing, ...found },
      generation: { ...facts.generation, owned },
    },
    sources,
  }
  return makePlan(viewOf(cluster, [seen]))
}
const codes = (faults: readonly { readonly code: string }[]) => faults.map(({ code }) => code)

const unit = (over: Partial<ForeignUnit>): ForeignUnit => ({
  ...{
    unit: 'k3s.service',
    active: 'inactive',
    enabled: 'disabled',
    path: '/etc/systemd/system/k3s.service',
    what: 'k3s server',
    startedBy: [],
    flags: [],
  },
  ...over,
})

describe('a unit that starts a Kubernetes', () => {
  it.each<[what: string, unit: Partial<ForeignUnit>, todo: string]>([
    ["the other role's, enabled", { enabled: 'enabled' }, '`systemctl disable --now k3s.service` on the host'],
    ["the other role's, active", { active: 'active' }, '`systemctl disable --now k3s.service` on the host'],
    ['one that starts again and again', { active: 'activating' }, '`systemctl disable --now k3s.service` on the host'],
    [
      'of another name',
      { unit: 'mine.service', path: '/run/systemd/system/mine.service', enabled: 'enabled-runtime' },
      '`systemctl disable --now mine.service` on the host',
    ],
    [
      'of a package',
      { unit: 'kubelet.service', path: '/usr/lib/systemd/system/kubelet.service', what: 'kubelet', enabled: 'enabled' },
      '`systemctl disable --now kubelet.service` on the host',
    ],
    [
      'without a file',
      { unit: 'run-u5.service', path: '', active: 'active' },
      '`systemctl disable --now run-u5.service` on the host',
    ],
    [
      'that a timer starts',
      { unit: 'later.service', enabled: 'static', startedBy: ['later.timer'] },
      '`systemctl disable --now later.service later.timer` on the host',
    ],
    [
      'that a target wants',
      { enabled: 'static', startedBy: ['multi-user.target'] },
      '`systemctl disable --now k3s.service` on the host',
    ],
  ])('%s: refused, before anything is pushed', (_what, over, todo) => {
    const plan = planned({
      units: [
        unit({
          unit: 'k3s-agent.service',
          path: '/etc/systemd/system/k3s-agent.service',
          active: 'active',
          enabled: 'enabled',
        }),
        unit(over),
      ],
    })
    expect(plan.refusals).toMatchObject([{ code: 'foreign-unit', at: 'maia', todo }])
    expect(plan.refusals[0]?.found).toContain(unit(over).unit)
    expect(plan.notes).toEqual([])
  })

  it('that nothing starts is a note with the line that removes it', () => {
    const plan = planned({ units: [unit({})] })
    expect(plan.refusals).toEqual([])
    expect(isEmpty(plan)).toBe(true)
    expect(plan.notes).toMatchObject([
      {
        code: 'foreign-unit',
        todo: 'if nobody needs it: `rm /etc/systemd/system/k3s.service && systemctl daemon-reload` on the host',
      },
    ])
    expect(plainText(describePlan(plan))).toContain(
      'note: maia: /etc/systemd/system/k3s.service: not from keel, and starts k3s server',
    )
  })

  it.each<[what: string, unit: Partial<ForeignUnit>, owned?: readonly string[]]>([
    [
      "k3s's own on this host",
      {
        unit: 'k3s-agent.service',
        path: '/etc/systemd/system/k3s-agent.service',
        active: 'active',
        enabled: 'enabled',
      },
    ],
    ['one that is masked', { enabled: 'masked', active: 'inactive', path: '/dev/null' }],
    ["a package's that nobody enabled", { path: '/usr/lib/systemd/system/kubelet.service', unit: 'kubelet.service' }],
    [
      "keel's own of an earlier role, which goes with this deploy",
      { active: 'active', enabled: 'enabled' },
      ['/etc/systemd/system/k3s.service'],
    ],
  ])('%s is neither', (_what, over, owned = []) => {
    const plan = planned({ units: [unit(over)] }, {}, owned)
    expect([...plan.refusals, ...plan.notes]).toEqual([])
  })

  it('that starts a service of a name alone is a note: it may be that of keel', () => {
    const plan = planned({
      units: [unit({ unit: 'weekly.service', what: 'a start of a Kubernetes service', startedBy: ['weekly.timer'] })],
    })
    expect(plan.refusals).toEqual([])
    expect(codes(plan.notes)).toEqual(['foreign-starter'])
  })

  it('a file that systemd reads before that of keel is refused', () => {
    const path = '/etc/systemd/system.control/k3s-agent.service'
    const plan = planned({ units: [unit({ unit: 'k3s-agent.service', active: 'active', path })] })
    expect(plan.refusals).toMatchObject([
      { code: 'unit-shadowed', todo: `\`rm ${path} && systemctl daemon-reload\` on the host` },
    ])
  })
})

it("what keel's own unit of an earlier role runs goes with this deploy, too", () => {
  const found = {
    processes: [{ pid: '7', program: 'k3s-agent', unit: 'k3s-agent.service' }],
    ports: [{ protocol: 'tcp', port: 10250, program: 'k3s-agent', pid: '7', unit: 'k3s-agent.service' }],
  }
  expect(planned(found, { role: 'server' }, ['/etc/systemd/system/k3s-agent.service']).refusals).toEqual([])
  expect(codes(planned(found, { role: 'server' }).refusals)).toEqual(['foreign-kubernetes'])
})

describe('what runs beside k3s', () => {
  it('cron lines and containers are notes', () => {
    const plan = planned({
      starters: [{ place: '/etc/cron.d/k3s:3', what: 'k3s server' }],
      containers: [{ name: 'k3d', what: 'rancher/k3s in a container', state: 'running' }],
    })
    expect(plan.refusals).toEqual([])
    expect(plan.notes.map(({ todo }) => todo)).toEqual([
      'if nobody needs it: remove line 3 of /etc/cron.d/k3s on the host',
      'if nobody needs it: `docker rm --force k3d` on the host',
    ])
  })

  it('a Kubernetes of no unit, and a program on a port of k3s, are refused, each once', () => {
    const plan = planned({
      units: [unit({ active: 'active' })],
      processes: [
        { pid: '7', program: 'k3s-server', unit: 'k3s.service' },
        { pid: '8', program: 'kubelet', unit: 'session-1.scope' },
        { pid: '9', program: 'k3s-agent', unit: 'k3s-agent.service' },
      ],
      ports: [
        { protocol: 'tcp', port: 10250, program: 'kubelet', pid: '8', unit: 'session-1.scope' },
        { protocol: 'tcp', port: 6443, program: 'k3s-server', pid: '7', unit: 'k3s.service' },
        { protocol: 'tcp', port: 10250, program: 'k3s-agent', pid: '9', unit: 'k3s-agent.service' },
        { protocol: 'udp', port: 8472, program: 'nc', pid: '10', unit: '' },
        { protocol: 'tcp', port: 2379, program: 'etcd', pid: '11', unit: 'etcd.service' },
      ],
    })
    expect(plan.refusals.map(({ code, found }) => `${code}: ${found.replace(/ .*/, '')}`)).toEqual([
      'foreign-unit: k3s.service',
      'foreign-kubernetes: kubelet',
      'port-in-use: port',
      'port-in-use: port',
    ])
    expect(plan.refusals.at(-1)?.todo).toContain('systemctl disable --now etcd.service')
  })
})

describe('what is told of it', () => {
  const on = (unit: string) => (unit === '' ? [] : [unit])
  it.each<[unit: Partial<ForeignUnit>, found: string]>([
    [
      { active: 'active' },
      'k3s.service (/etc/systemd/system/k3s.service) is not from keel, and starts k3s server: it is active',
    ],
    [{ active: 'failed', enabled: 'enabled' }, expect.stringMatching(/: it is enabled and failed$/)],
    [{ active: '', enabled: 'enabled-runtime' }, expect.stringMatching(/: it is enabled$/)],
    [{ path: '', active: 'active' }, expect.stringMatching(/^k3s\.service \(no file\) is/)],
    [
      { enabled: 'static', startedBy: ['a.timer', 'b.timer'] },
      expect.stringMatching(/: it is started by a\.timer, b\.timer$/),
    ],
    [{ enabled: 'enabled', startedBy: ['a.timer'] }, expect.stringMatching(/: it is enabled$/)],
  ])('a unit: %j', (over, found) => {
    expect(planned({ units: [unit(over)] }).refusals).toMatchObject([{ code: 'foreign-unit', found }])
  })

  it.each<[unit: string, found: string, todo: string]>([
    [
      '',
      'kubelet runs on the host (process 8), and keel did not start it',
      'find what started it (`ps -fp 8`) and stop it',
    ],
    [
      'session-1.scope',
      'kubelet runs on the host (process 8, session-1.scope), and keel did not start it',
      '`systemctl disable --now session-1.scope` on the host, if it is one',
    ],
  ])('a program in %j', (unit, found, todo) => {
    const processes = [{ pid: '8', program: 'kubelet', unit }]
    // its ports are told of with it, by the unit or by the process
    const ports = [{ protocol: 'tcp', port: 10250, program: 'kubelet', pid: '8', unit }]
    const children = on(unit).map((one) => ({ protocol: 'tcp', port: 10255, program: 'child', pid: '9', unit: one }))
    expect(planned({ processes, ports: [...ports, ...children] }).refusals).toMatchObject([{ found, todo }])
  })

  it.each<[unit: string, found: string, todo: RegExp]>([
    ['', 'port 8472/udp is in use by nc (process 10)', /^stop that program/],
    ['init.scope', 'port 8472/udp is in use by nc (process 10, init.scope)', /systemctl list-sockets/],
    ['session-1.scope', 'port 8472/udp is in use by nc (process 10, session-1.scope)', /^stop that program/],
    [
      'nc.service',
      'port 8472/udp is in use by nc (process 10, nc.service)',
      /^`systemctl disable --now nc\.service` on the host, or/,
    ],
  ])('a port of %j', (unit, found, todo) => {
    const ports = [{ protocol: 'udp', port: 8472, program: 'nc', pid: '10', unit }]
    expect(planned({ ports }).refusals).toMatchObject([
      { code: 'port-in-use', found, todo: expect.stringMatching(todo) },
    ])
  })

  it.each([
    ['/etc/systemd/system/k3s-agent.service', []],
    ['/usr/lib/systemd/transient/k3s-agent.service', []],
    ['/srv/etc/systemd/transient/k3s-agent.service', []],
    ['/run/systemd/transient/k3s-agent.service', ['unit-shadowed']],
    ['/run/systemd/generator.early/k3s-agent.service', ['unit-shadowed']],
  ])('keel’s own unit from %s', (path, refused) => {
    expect(codes(planned({ units: [unit({ unit: 'k3s-agent.service', path })] }).refusals)).toEqual(refused)
  })

  it('another unit from such a folder shadows none of keel', () => {
    const path = '/run/systemd/transient/k3s.service'
    expect(codes(planned({ units: [unit({ path, active: 'active' })] }).refusals)).toEqual(['foreign-unit'])
  })
})

describe('on NixOS', () => {
  const nixos = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const
  const host = sampleHost({ name: 'maia', os: 'nixos', nixos })
  const cluster = sampleCluster([sampleHost({ name: 'ocean', role: 'server', firstServer: true }), host])
  const refused = (found: Partial<ForeignState>) =>
    makePlan(
      viewOf(cluster, [
        seenHost(cluster, host, { past: { server: false, agent: true }, foreign: { ...nothing, ...found } }),
      ]),
    ).refusals
  const own = { unit: 'k3s.service', what: 'k3s agent', active: 'active' }

  it('a unit of the system is removed from its configuration, and one of /run stopped', () => {
    const paths = ['/etc/systemd/system/kubelet.service', '/run/systemd/transient/kubelet.service']
    const todos = paths.map(
      (path) => refused({ units: [unit({ unit: 'kubelet.service', path, active: 'active' })] })[0]?.todo,
    )
    expect(todos).toEqual([
      'remove it from the NixOS configuration of the host',
      '`systemctl disable --now kubelet.service` on the host',
    ])
  })

  it('its own unit is where the system has it, and runs what the module says', () => {
    const path = '/run/systemd/transient/k3s.service'
    const dropIns = [{ unit: 'k3s.service', path: '/etc/systemd/system/k3s.service.d/a.conf', sets: ['ExecStart'] }]
    expect(refused({ units: [unit({ ...own, path, flags: ['data-dir'] })], dropIns })).toEqual([])
  })
})

describe('variables and defaults for k3s', () => {
  const path = '/etc/systemd/system/k3s-agent.service.d/a.conf'

  it.each<[what: string, found: Partial<ForeignState>, refused: readonly string[], noted: readonly string[]]>([
    [
      'a drop-in that names another server',
      { dropIns: [{ unit: 'k3s-agent.service', path, sets: ['Environment:K3S_URL'] }] },
      ['foreign-variable'],
      ['foreign-drop-in'],
    ],
    [
      'a proxy',
      { dropIns: [{ unit: 'k3s-agent.service', path, sets: ['Environment:HTTPS_PROXY'] }] },
      [],
      ['foreign-drop-in'],
    ],
    ["the manager's environment", { environment: ['K3S_TOKEN', 'K3S_SELINUX'] }, ['foreign-variable'], []],
    [
      'a default for all services',
      {
        defaults: [
          { path: '/etc/systemd/system.conf', sets: ['DefaultEnvironment:K3S_DATA_DIR', 'DefaultTimeoutStartSec'] },
        ],
      },
      ['foreign-variable'],
      ['foreign-default'],
    ],
    [
      'a harmless default',
      { defaults: [{ path: '/etc/systemd/system.conf', sets: ['DefaultTimeoutStartSec'] }] },
      [],
      ['foreign-default'],
    ],
    [
      'a file that k3s reads',
      { variables: [{ path: '/etc/default/k3s', isRead: true, names: ['K3S_URL'] }] },
      ['foreign-variable'],
      ['foreign-variables'],
    ],
    [
      'a file that nothing reads',
      { variables: [{ path: '/etc/default/k3s', isRead: false, names: ['K3S_TOKEN'] }] },
      [],
      ['foreign-variables'],
    ],
  ])('%s', (_what, found, refused, noted) => {
    const plan = planned(found)
    expect(codes(plan.refusals)).toEqual(refused)
    expect(codes(plan.notes)).toEqual(noted)
  })
})

describe('a variable that only keel may set', () => {
  const path = '/etc/systemd/system/k3s-agent.service.d/a.conf'

  it('is none in a drop-in of another unit', () => {
    const found = { dropIns: [{ unit: 'ssh.service', path, sets: ['Environment:K3S_URL'] }] }
    expect(planned(found).refusals).toEqual([])
  })

  it('is told once, with the flag that it is, and not again of the manager that has it from there', () => {
    const sets = ['Environment:K3S_URL', 'Environment:K3S_DATA_DIR', 'Environment:HTTPS_PROXY', 'LimitNOFILE']
    const { refusals } = planned({
      dropIns: [{ unit: 'k3s-agent.service', path, sets }],
      environment: ['K3S_URL', 'K3S_TOKEN'],
    })
    expect(refusals).toMatchObject([
      {
        found: `${path} gives k3s K3S_URL, K3S_DATA_DIR, which is not from keel`,
        why: expect.stringMatching(/^K3S_URL is `server`: .*; K3S_DATA_DIR is `data-dir`: /),
        todo: expect.stringContaining(`remove that line from ${path} on the host`),
      },
      { found: "the environment of systemd's manager gives k3s K3S_TOKEN, which is not from keel" },
    ])
  })
})

describe("a drop-in that has keel's unit run something else", () => {
  const own = {
    unit: 'k3s-agent.service',
    path: '/etc/systemd/system/k3s-agent.service',
    active: 'active',
    enabled: 'enabled',
  }
  const dropIn = {
    unit: 'k3s-agent.service',
    path: '/etc/systemd/system/k3s-agent.service.d/a.conf',
    sets: ['ExecStart'],
  }

  it.each<[what: string, runs: Partial<ForeignUnit>, refused: readonly string[]]>([
    ['the other role', { what: 'k3s server' }, ['foreign-command']],
    ['with other data', { what: 'k3s agent', flags: ['debug', 'data-dir'] }, ['foreign-command']],
    ['with a harmless option', { what: 'k3s agent', flags: ['debug'] }, []],
  ])('%s', (_what, runs, refused) => {
    const plan = planned({ units: [unit({ ...own, ...runs })], dropIns: [dropIn] })
    expect(codes(plan.refusals)).toEqual(refused)
    expect(codes(plan.notes)).toEqual(['foreign-drop-in'])
  })

  it.each<[what: string, role: Host['role'], runs: Partial<ForeignUnit>, found: string, why: RegExp]>([
    ['the other role', 'agent', { what: 'k3s server' }, 'k3s-agent.service runs k3s server', /host is an agent$/],
    ['the other role of a server', 'server', { what: 'k3s agent' }, 'k3s.service runs k3s agent', /host is a server$/],
    [
      'an option',
      'agent',
      { what: 'k3s agent', flags: ['debug', 'data-dir', 'token'] },
      'k3s-agent.service runs k3s agent --data-dir --token',
      /^--data-dir: .*; --token: /,
    ],
  ])('%s is told with the reason', (_what, role, runs, found, why) => {
    const unitName = role === 'server' ? 'k3s.service' : 'k3s-agent.service'
    const path = `/etc/systemd/system/${unitName}.d/a.conf`
    const plan = planned(
      {
        units: [unit({ ...own, unit: unitName, path: `/etc/systemd/system/${unitName}`, ...runs })],
        dropIns: [{ ...dropIn, unit: unitName, path }],
      },
      { role },
    )
    expect(plan.refusals).toMatchObject([
      {
        found: `${path}: not from keel; ${found}`,
        why: expect.stringMatching(why),
        todo: `\`rm ${path} && systemctl daemon-reload\` on the host`,
      },
    ])
  })

  it.each<[what: string, dropIns: ForeignState['dropIns']]>([
    ['of another unit', [{ ...dropIn, unit: 'ssh.service' }]],
    ['that sets something else', [{ ...dropIn, sets: ['LimitNOFILE'] }]],
  ])('is none %s', (_what, dropIns) => {
    expect(planned({ units: [unit({ ...own, what: 'k3s server' })], dropIns }).refusals).toEqual([])
  })
})

describe('a file in config.yaml.d that is not from keel', () => {
  const path = '/etc/rancher/k3s/config.yaml.d/99-local.yaml'
  const server = { role: 'server' } as const

  it.each<[what: string, keys: readonly string[] | undefined, over: Partial<Omit<Host, 'name'>>, why: RegExp]>([
    [
      'another name of the Node',
      ['node-name', 'node-label'],
      {},
      /^k3s reads it after .*node-name: a Node has the name/,
    ],
    ['a token', ['token'], {}, /keel makes the tokens/],
    ['a token by its short name', ['t'], {}, /keel makes the tokens/],
    ['another server', ['server'], {}, /decide which server a host joins/],
    ['a cluster of its own', ['cluster-init'], server, /`datastore` in hosts\/cluster decides it/],
    ['other data', ['data-dir'], server, /var\/lib\/rancher/],
    ['a database', ['datastore-endpoint'], server, /password/],
    ['no node', ['disable-agent'], server, /control plane/],
    ['another network', ['cluster-cidr'], server, /networks\.cluster/],
    ['an option of servers on an agent', ['cluster-init'], {}, /datastore/],
    ['an option that its role does not know', ['disable'], {}, /does not know this option/],
    ['an option that k3s does not have', ['no-such'], server, /does not know this option/],
    [
      'one that the inventory sets',
      ['kubelet-arg'],
      { k3s: { 'kubelet-arg': ['max-pods=9'] } },
      /the inventory sets it/,
    ],
    ['names of the certificate in place of those from keel', ['tls-san'], server, /the inventory sets it/],
    [
      'labels in place of those of the inventory',
      ['node-label'],
      { labels: { tier: 'edge' } },
      /the inventory sets it/,
    ],
    ['what must be the same on all servers', ['disable'], server, /same on all servers/],
    ['no YAML', undefined, {}, /exits if it cannot read a file/],
  ])('%s: refused', (_what, keys, over, why) => {
    const plan = planned({ configs: [{ path, ...(keys === undefined ? {} : { keys }) }] }, over)
    expect(plan.refusals).toMatchObject([
      {
        code: 'foreign-config',
        at: 'maia',
        why: expect.stringMatching(why),
        todo: expect.stringContaining(`mv ${path} /root/`),
      },
    ])
    expect(plan.notes).toEqual([])
  })

  it.each<[what: string, keys: readonly string[], over: Partial<Omit<Host, 'name'>>]>([
    ['a setting of the kubelet', ['kubelet-arg'], {}],
    [
      'more of what the inventory sets',
      ['kubelet-arg+', 'node-label+'],
      { k3s: { 'kubelet-arg': ['max-pods=9'] }, labels: { a: 'b' } },
    ],
    ['labels where the inventory has none', ['node-label'], {}],
    ['nothing', [], {}],
  ])('%s: a note', (_what, keys, over) => {
    const plan = planned({ configs: [{ path, keys }] }, over)
    expect(plan.refusals).toEqual([])
    expect(isEmpty(plan)).toBe(true)
    expect(plan.notes).toMatchObject([
      {
        code: 'foreign-config',
        found: expect.stringContaining(keys.join(', ')),
        todo: expect.stringContaining(`rm ${path}`),
      },
    ])
  })

  it('that an earlier inventory put there is neither: it goes with this deploy', () => {
    const plan = planned({ configs: [{ path, keys: ['node-name'] }] }, {}, [path])
    expect([...plan.refusals, ...plan.notes]).toEqual([])
  })
})

describe('other files that k3s reads', () => {
  const data = '/var/lib/rancher/k3s'

  it.each<
    [what: string, file: ForeignState['files'][number], over: Partial<Omit<Host, 'name'>>, noted: readonly string[]]
  >([
    ['registries.yaml', { kind: 'registries', path: '/etc/rancher/k3s/registries.yaml' }, {}, ['foreign-registries']],
    [
      'the inventory’s registries.yaml',
      { kind: 'registries', path: '/etc/rancher/k3s/registries.yaml' },
      { registries: { mirrors: {} } },
      [],
    ],
    [
      'a manifest on a server',
      { kind: 'manifest', path: `${data}/server/manifests/mine.yaml` },
      { role: 'server' },
      ['foreign-manifest'],
    ],
    ['a manifest on an agent', { kind: 'manifest', path: `${data}/server/manifests/mine.yaml` }, {}, []],
    ['one of k3s', { kind: 'manifest', path: `${data}/server/manifests/coredns.yaml` }, { role: 'server' }, []],
    [
      'another one of k3s',
      { kind: 'manifest', path: `${data}/server/manifests/metrics-server/auth-reader.yaml` },
      { role: 'server' },
      [],
    ],
    ['a static Pod', { kind: 'pod', path: `${data}/agent/pod-manifests/x.yaml` }, {}, ['foreign-pod']],
    [
      'a template for containerd',
      { kind: 'containerd', path: `${data}/agent/etc/containerd/config.toml.tmpl` },
      {},
      ['foreign-containerd'],
    ],
    [
      'k3s’s own drop-in of the kubelet',
      { kind: 'kubelet', path: `${data}/agent/etc/kubelet.conf.d/00-k3s-defaults.conf` },
      {},
      [],
    ],
    [
      'another one',
      { kind: 'kubelet', path: `${data}/agent/etc/kubelet.conf.d/99-mine.conf` },
      {},
      ['foreign-kubelet'],
    ],
    ['a network plug-in that k3s does not read', { kind: 'cni', path: '/etc/cni/net.d/10-calico.conflist' }, {}, []],
  ])('%s', (_what, file, over, noted) => {
    const plan = planned({ files: [file] }, over)
    expect(plan.refusals).toEqual([])
    expect(codes(plan.notes)).toEqual(noted)
  })

  it('two network plug-ins where the runtime takes the first', () => {
    const files = ['05-old.conflist', '10-new.conflist'].map((name) => ({
      kind: 'cni' as const,
      path: `/etc/cni/net.d/${name}`,
    }))
    expect(
      codes(planned({ files }, { k3s: { 'container-runtime-endpoint': '/run/containerd/containerd.sock' } }).notes),
    ).toEqual(['foreign-cni'])
  })

  it.each([
    ['644 root', ['node-password-mode']],
    ['600 daemon', ['node-password-mode']],
    ['600 root', []],
  ])('the node’s password with %s', (nodePassword, noted) => {
    expect(codes(planned({ nodePassword }).notes)).toEqual(noted)
  })
})
