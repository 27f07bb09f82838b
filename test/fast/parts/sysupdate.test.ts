import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Sysupdate } from '../../../src/model/cluster.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { fileBytes } from '../../../src/model/file-bytes.ts'
import { type UpdatesState, updatesState } from '../../../src/parts/sysupdate/updates-state.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import type { Facts } from '../../../src/probes/facts.ts'
import type { PathState } from '../../../src/probes/host/path-states.ts'
import { butaneText } from '../../../src/targets/flatcar/butane.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { runningFacts, seenHost, viewOf } from '../../support/samples/cluster-view.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const keyring = Buffer.from([0xc6, 2, 4, 0x80])
const sysupdate: Sysupdate = {
  url: 'https://images.example/kubernetes',
  keyring: keyring.toString('base64'),
  timer: true,
}
const transfer = '/etc/sysupdate.kubernetes.d/kubernetes.conf'
const pubring = '/etc/systemd/import-pubring.gpg'
const service = '/etc/systemd/system/keel-sysupdate.service'
const timer = '/etc/systemd/system/keel-sysupdate.timer'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const clusterOf = (over: Partial<Sysupdate> | undefined, host = ocean) =>
  sampleCluster([host], {
    distribution: sampleKubeadm,
    ...(over === undefined ? {} : { sysupdate: { ...sysupdate, ...over } }),
  })
const pathsOf = (over: Partial<Sysupdate> | undefined, host = ocean) =>
  filesOf(renderedOf(clusterOf(over, host), host, kubeadmSurroundings))
    .files.map(({ path }) => path)
    .filter((path) => /sysupdate|pubring/.test(path))

const waiting = { active: 'active', enabled: 'enabled', needsReload: false }
const idle: UpdatesState = { missing: [], others: [], timer: waiting }

/** The plan of a host on which all that keel has for downloads is in place, but for a change. */
function planned({
  wanted = {},
  change = {},
  seen = idle,
  owned = [],
}: {
  /** `false`: without the setting. */
  readonly wanted?: Partial<Sysupdate> | false
  readonly change?: Readonly<Record<string, Partial<PathState>>>
  readonly seen?: UpdatesState
  readonly owned?: readonly string[]
}) {
  const cluster = clusterOf(wanted === false ? undefined : wanted)
  const generation = { owned, restartPending: false, unconfirmed: false }
  const one = seenHost(cluster, ocean, runningFacts('server', { generation, parts: { sysupdate: seen } }))
  const paths = Object.fromEntries(
    filesOf(one.rendered).files.map((file): [string, PathState] => {
      const { path, mode, owner, group } = file
      const state = { kind: 'file', mode, owner, group, sha256: sha256(fileBytes(file)), ...change[path] }
      return [path, state as PathState]
    }),
  )
  const plan = makePlan(
    viewOf(cluster, [{ ...one, facts: { ...one.facts, paths } as Facts & { kind: 'files' } }] as never),
  )
  return {
    operations: (plan.hosts[0]?.operations ?? []).filter((each) => /sysupdate|pubring/.test(JSON.stringify(each))),
    refusals: plan.refusals.map(({ code }) => code).filter((code) => code.includes('sysupdate')),
    notes: plan.notes.filter(({ code }) => code === 'newer-image'),
  }
}

describe('what a host gets', () => {
  it('is nothing without the setting, and nothing where the host wants none', () => {
    expect(pathsOf(undefined)).toEqual([])
    expect(pathsOf({}, { ...ocean, sysupdate: false })).toEqual([])
  })

  it('has a timer only where the inventory asks for one', () => {
    expect(pathsOf({ timer: false })).toEqual([transfer, pubring])
    expect(pathsOf({})).toEqual([transfer, pubring, service, timer])
  })

  it('is about k3s on Flatcar, and nothing on Debian, where k3s is no image', () => {
    const hosts = (['flatcar', 'debian'] as const).map((os) => ({ ...ocean, os }))
    const [flatcar, debian] = hosts.map((host) =>
      filesOf(renderedOf(sampleCluster([host], { sysupdate }), host, sampleSurroundings)).files.map(({ path }) => path),
    )
    expect(flatcar).toContain('/etc/sysupdate.k3s.d/k3s.conf')
    expect(debian?.filter((path) => /sysupdate|pubring/.test(path))).toEqual([])
  })

  it.each(['transfer', 'service', 'timer'] as const)('%s', async (name) => {
    const path = { transfer, service, timer }[name]
    const { files } = filesOf(renderedOf(clusterOf({}), ocean, kubeadmSurroundings))
    const text = files.find((file) => file.path === path)?.content
    await expect(text).toMatchFileSnapshot(`../../golden/sysext/deployed.${name}`)
    // the link that the node boots with, and every way to restart something
    expect(text).not.toMatch(/\/etc\/extensions|systemctl|reboot|restart/i)
  })

  it('comes to Flatcar with its first boot: the keys as bytes, and the timer enabled', () => {
    const host = { ...ocean, os: 'flatcar' as const }
    const rendered = filesOf(renderedOf(clusterOf({}, host), host, kubeadmSurroundings))
    const { storage, systemd } = parse(butaneText(rendered, { user: 'core', sshKeys: [] }))
    expect(storage.files.find(({ path }: { path: string }) => path === pubring).contents).toEqual({
      source: `data:;base64,${keyring.toString('base64')}`,
    })
    expect(systemd.units).toContainEqual(expect.objectContaining({ name: 'keel-sysupdate.timer', enabled: true }))
  })
})

describe('a deploy', () => {
  it('changes nothing where all is in place', () => {
    expect(planned({})).toEqual({ operations: [], refusals: [], notes: [] })
  })

  it.each([transfer, pubring, service, timer])('repairs %s', (path) => {
    const differs = planned({ change: { [path]: { sha256: 'f'.repeat(64) } as Partial<PathState> } })
    expect(differs.operations[0]).toEqual({ op: 'write-file', path, why: 'content' })
    const gone = planned({ change: { [path]: { kind: 'none' } } })
    expect(gone.operations[0]).toEqual({ op: 'write-file', path, why: 'missing' })
  })

  it('enables and starts the timer, and restarts it when its times change', () => {
    const stopped = { ...idle, timer: { active: 'inactive', enabled: 'disabled', needsReload: false } }
    expect(planned({ seen: stopped }).operations).toEqual([
      { op: 'enable-unit', unit: 'keel-sysupdate.timer' },
      { op: 'run-unit', unit: 'keel-sysupdate.timer', by: 'start' },
    ])
    const edited = planned({ change: { [timer]: { sha256: 'f'.repeat(64) } as Partial<PathState> } })
    expect(edited.operations.at(-1)).toEqual({ op: 'run-unit', unit: 'keel-sysupdate.timer', by: 'restart' })
  })

  it('stops the timer and removes all files when the setting goes', () => {
    const { operations } = planned({ wanted: false, owned: [transfer, pubring, service, timer] })
    expect(operations).toEqual([
      { op: 'remove-path', path: transfer },
      { op: 'remove-path', path: pubring },
      { op: 'remove-unit', unit: 'keel-sysupdate.service', path: service },
      { op: 'remove-unit', unit: 'keel-sysupdate.timer', path: timer },
    ])
  })

  it('is refused where the host lacks the programs, or systemd would read the file of somebody else', () => {
    expect(planned({ seen: { ...idle, missing: ['gpg'] } }).refusals).toEqual(['no-sysupdate'])
    expect(planned({ seen: { ...idle, others: ['/etc/sysupdate.kubernetes.d/*.transfer'] } }).refusals).toEqual([
      'sysupdate-other-file',
    ])
  })

  it.each([
    ['v1.36.4', true],
    ['v1.36.10', true],
    ['v1.36.3', false],
    ['v1.36.2', false],
    ['v1.37.0', false],
    ['v1.36.4-rc.1', false],
  ])('a note tells of a downloaded %s beside v1.36.3: %s', (newest, isTold) => {
    const { notes, operations } = planned({ seen: { ...idle, newest } })
    expect(notes.map(({ at, found }) => `${at}: ${found}`)).toEqual(
      isTold ? [`ocean: the host has downloaded kubernetes ${newest}, and uses v1.36.3`] : [],
    )
    expect(operations).toEqual([])
  })
})

describe('the answer of a host', () => {
  it.each([
    ['newest=kubernetes-v1.36.4-x86-64.raw\n', 'v1.36.4'],
    ['newest=../kubernetes/kubernetes-v1.36.4-arm64.raw\n', 'v1.36.4'],
    ['newest=evil\n', undefined],
    ['', undefined],
  ])('%j', (answer, newest) => {
    expect(updatesState.parse(answer).newest).toBe(newest)
  })

  it('a quick question asks for the timer alone', () => {
    const placed = {
      name: 'kubernetes',
      version: 'v1.36.3',
      timer: { unit: 'keel-sysupdate.timer', path: timer },
    } as const
    expect(updatesState.script(placed, true).trim()).toBe(
      'prefix=timer. unit_state keel-sysupdate.timer ActiveState UnitFileState NeedDaemonReload',
    )
  })
})
