import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { kubeadmCas, kubeadmSecrets, serviceAccountKey } from '../../../src/model/kubeadm/pki.ts'
import { traceNextBoot } from '../../support/lab/exec-trace.ts'
import type { KubeadmCluster } from '../../support/lab/kubeadm-cluster.ts'
import type { LabHost } from '../../support/lab/lab-host.ts'
import { leakedForLong, leakForLong, leakShortly } from '../../support/secrets/leak.ts'
import { found, huntOnHost, type Wanted, wantedForms } from '../../support/secrets/secret-hunt.ts'
import { until } from '../../support/until.ts'

/** The founder, which makes the tokens, and a worker. Everything that they start from their boot on is noted. */
export const tracedHosts: readonly string[] = ['server-1', 'agent-1']

const traceOf = ({ home }: KubeadmCluster, host: string) => join(home, `trace-${host}`)
const readTrace = (cluster: KubeadmCluster, host: string) => readFile(traceOf(cluster, host), 'latin1')

export async function traceHost(cluster: KubeadmCluster, host: LabHost): Promise<void> {
  await traceNextBoot(host, traceOf(cluster, host.name))
}

/** Options of a deploy that say everything there is to say, to the terminal and to a log. */
export const wordy = ({ home }: Pick<KubeadmCluster, 'home'>) => ['-vv', '--log', logOf({ home })] as const
const logOf = ({ home }: Pick<KubeadmCluster, 'home'>) => join(home, 'keel.log')

/** Secrets of the inventory, by name. */
async function secretsOf(
  { keel }: Pick<KubeadmCluster, 'keel'>,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  // what this one prints is not hunted
  const shows = keel.with({})
  const show = async (name: string) => [name, (await shows.expect(0, 'secret', 'show', name)).stdout] as const
  return Object.fromEntries(await Promise.all(names.map(show)))
}

/** The file that kubeadm reads a key from, on a control plane. */
const keyFiles = [
  ...kubeadmCas.map(({ key, path }) => ({ key, file: `${path}.key` })),
  { key: serviceAccountKey, file: '/etc/kubernetes/pki/sa.key' },
]
/** systemd's own folder, in memory, of the unit that joins. */
const credentials = '/run/credentials/keel-kubeadm.service/'

/**
 * A control plane has the keys of the cluster's CAs and of service accounts in memory, and where kubeadm keeps them, for
 * root alone. A worker has none of them.
 * @param nowhere the names of secrets that no host has
 */
export async function expectKeysInPlace(cluster: KubeadmCluster, nowhere: readonly string[] = []): Promise<void> {
  const wanted = wantedForms(await secretsOf(cluster, [...kubeadmSecrets, ...nowhere]))
  for (const host of cluster.hosts) {
    const places = await huntOnHost(host, wanted)
    if (!host.name.startsWith('server')) {
      expect(places, host.name).toEqual([])
      continue
    }
    console.log(`${host.name}\n  ${places.join('\n  ')}`)
    expect(places).toEqual(
      [
        ...keyFiles.map(({ key, file }) => `${file}: ${key}`),
        ...kubeadmSecrets.map((key) => `${credentials}${key}: ${key}`),
      ].toSorted(),
    )
    const files = keyFiles.map(({ file }) => file).join(' ')
    expect(await host.sh(`stat -c '%a %U' ${files} | sort -u`)).toBe('600 root')
  }
}

/** Keys of CAs and of service accounts after the first deploy: only where they belong. */
export function secretsHunt(get: () => KubeadmCluster): void {
  let secrets: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    secrets = await secretsOf(get(), kubeadmSecrets)
  })
  const wanted = (...names: readonly string[]): Wanted =>
    wantedForms(Object.fromEntries(names.map((name) => [name, secrets[name] ?? ''])))
  const all = () => wanted(...kubeadmSecrets)

  test('are on control planes where they belong, and on no worker', () => expectKeysInPlace(get()))

  test.each(tracedHosts)('no program on %s was ever started with one in its argv or environment', async (name) => {
    const trace = await readTrace(get(), name)
    const execs = trace.match(/ execve(at)?\(/g)?.length ?? 0
    console.log(`${name}: ${execs} execves, ${(trace.length / 1e6).toFixed(1)} MB of argv and environment`)
    for (const program of ['kubeadm', 'kubelet']) expect(trace).toContain(`/${program}"`)
    expect(found(all(), trace)).toEqual([])
  })

  test('no plan, no deploy, no log, no rendered file and nothing else in the inventory has one', async () => {
    const { keel, home, inventory } = get()
    const rendered = join(home, 'rendered')
    await keel.expect(0, 'plan', '-vv')
    await keel.expect(0, 'plan', '--json')
    await keel.expect(0, 'render', '--out', rendered)
    const printed = keel.runs.map(({ stdout, stderr }) => stdout + stderr).join('\n')
    // -vv: the scripts themselves
    expect(printed).toMatch(/^server-1: stage begins\n {2}\| /m)
    expect(found(all(), printed)).toEqual([])
    const log = await readFile(logOf(get()), 'utf8')
    expect(log).toContain('"script":"stage"')
    expect(found(all(), log)).toEqual([])
    expect((await stat(logOf(get()))).mode & 0o777).toBe(0o600)
    for (const folder of [inventory, rendered]) {
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
      expect(files.length).toBeGreaterThan(8)
      for (const { parentPath, name } of files)
        expect(found(all(), await readFile(join(parentPath, name), 'latin1')), name).toEqual([])
    }
  })

  describe('the same hunt finds what leaks', () => {
    test('on a disk, in memory, in the journal, in an environment', async () => {
      const host = get().host('agent-2')
      await leakForLong(host, secrets[serviceAccountKey] ?? '')
      expect(await huntOnHost(host, wanted(serviceAccountKey))).toEqual(leakedForLong(serviceAccountKey))
    })

    test('in the argv of a process that lives 5 ms, and in the environment of another', async () => {
      const [first = '', second = ''] = kubeadmSecrets
      const both = wanted(first, second)
      await leakShortly(get().host('agent-1'), both.get(first) ?? '', both.get(second) ?? '')
      expect(await huntOnHost(get().host('agent-1'), both)).toEqual([])
      expect(found(both, await readTrace(get(), 'agent-1'))).toEqual([first, second])
    })
  })
}

/** The token of a join, as long as the host may use it: a file of root's in memory has it. @returns its secret half */
export function tokenOf(host: LabHost): Promise<string> {
  const permit = () => host.sh('cat /run/keel/kubeadm/permit 2>/dev/null || true')
  return until(
    `${host.name} has a token`,
    async () => /^join [a-z0-9]{6}\.([a-z0-9]{16})$/.exec(await permit())?.[1],
    180,
    50,
  )
}

/** After a join: the token is in etcd's past alone, where it lets nobody in, and never was in argv, output or a log. */
export async function expectTokenGone(cluster: KubeadmCluster, token: string): Promise<void> {
  const wanted = wantedForms({ token })
  for (const host of cluster.hosts) {
    const places = await huntOnHost(host, wanted)
    const isServer = host.name.startsWith('server')
    if (isServer) console.log(`${host.name}: ${places.join(', ')}`)
    const isPast = (place: string) => isServer && /^\/var\/lib\/etcd\/member\/[^:]+: token$/.test(place)
    expect(
      places.filter((place) => !isPast(place)),
      host.name,
    ).toEqual([])
  }
  // etcd had it: so the hunt would find it elsewhere, too
  expect(await huntOnHost(cluster.host('server-1'), wanted)).not.toEqual([])
  for (const name of tracedHosts) expect(found(wanted, await readTrace(cluster, name)), name).toEqual([])
  expect(found(wanted, cluster.keel.runs.map(({ stdout, stderr }) => stdout + stderr).join('\n'))).toEqual([])
  expect(found(wanted, await readFile(logOf(cluster), 'utf8'))).toEqual([])
}
