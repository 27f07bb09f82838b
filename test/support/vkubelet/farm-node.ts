import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { vkubeletNodeOptions } from '../../../src/model/systemd-kubelet/paths.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { labCluster } from '../lab/lab-cluster.ts'
import type { LabHost } from '../lab/lab-host.ts'
import { until } from '../until.ts'

export const NODE = 'farm'
/** Beside the kubelet of the host itself, which has 10250. */
export const PORT = 10350
/** The program, its token and its certificates on the host. */
export const FOLDER = '/var/lib/vkubelet-test'

/** A virtual kubelet on the one host of a lab, beside the Node of the host itself. */
export type FarmNode = Awaited<ReturnType<typeof farmNode>>

/** Boots a lab with one server of k3s, and starts the program there. Its Node joins with the token, as agents do. */
export async function farmNode(name: string) {
  const cluster = await labCluster({ name, agents: 0 })
  const host = () => cluster.host('server-1')
  const start = async () => {
    const { nodeIP } = host().described
    const program = [`${FOLDER}/node`, ...vkubeletNodeOptions, `${FOLDER}/program.mjs`].join(' ')
    const words = [NODE, 'https://127.0.0.1:6443', FOLDER, nodeIP, PORT].join(' ')
    await host().sh(`systemd-run --quiet --unit=vkubelet-test ${program} ${words}`)
  }
  try {
    await cluster.keel.expect(0, 'pin')
    await cluster.keel.expect(0, 'deploy', '--yes')
    await bringProgram(host())
    await start()
    await until('the default service account is there', async () =>
      (await cluster.kubectl('get', 'serviceaccounts', '--ignore-not-found', 'default')).includes('default'),
    )
  } catch (error) {
    await cluster.down()
    throw error
  }
  return {
    cluster,
    host,
    /** Starts the program: at first, and after it was killed. */
    start,
    apply: (...items: readonly object[]) => cluster.apply({ apiVersion: 'v1', kind: 'List', items }),
    /** A Pod as the API server has it. */
    read: async (pod: string) => JSON.parse(await cluster.kubectl('get', 'pod', pod, '-o', 'json')),
    waitFor: (pod: string, what: string) => cluster.kubectl('wait', `--for=${what}`, `pod/${pod}`, '--timeout=60s'),
    /** Runs kubectl with words of a shell. @returns its stdout without the last newline @throws ExecaError if it fails */
    kubectl: (words: string) => host().sh(`k3s kubectl ${words}`),
    /** Both outputs of kubectl, and `exit CODE` in the last line. */
    tried: (words: string) => host().sh(`code=0; { k3s kubectl ${words}; } 2>&1 || code=$?; echo "exit $code"`),
    remove: () => cluster.down(),
  }
}

async function bringProgram(host: LabHost): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), 'keel-vkubelet-'))
  try {
    const outfile = join(made, 'program.mjs')
    const entry = new URL('../../real/vkubelet/node-child.ts', import.meta.url).pathname
    // yaml asks for modules of node as CommonJS does
    const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
    const form = { bundle: true, format: 'esm', platform: 'node', target: 'node22.18', banner: { js } } as const
    await build({ entryPoints: [entry], outfile, ...form })
    await host.receive(outfile, `${FOLDER}/program.mjs`)
    await host.receive(process.execPath, `${FOLDER}/node`)
  } finally {
    rmSync(made, { recursive: true })
  }
  const server = '/var/lib/rancher/k3s/server'
  await host.sh(
    `cd ${FOLDER}; chmod 755 node; chmod 700 .; cat ${server}/agent-token > token 2>/dev/null || cat ${server}/node-token > token`,
  )
}

export interface PodParts {
  readonly spec?: object
  readonly container?: object
}

/** A Pod of this Node, which sleeps. */
export function podOf(name: string, { spec = {}, container = {} }: PodParts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': NODE },
      tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', image: 'exec:/usr/bin/sleep', args: ['3600'], ...container }],
      ...spec,
    },
  }
}

/** The same Pod with a script instead. */
export function scriptOf(script: string): { readonly command: readonly string[]; readonly args: readonly string[] } {
  return { command: ['/bin/bash', '-c', script], args: [] }
}

export function unitOf(pod: string): string {
  return unitName({ namespace: 'default', pod, container: 'main' })
}
