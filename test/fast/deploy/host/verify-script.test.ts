import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { HostExit } from '../../../../src/deploy/host/host-script.ts'
import { verifyScript } from '../../../../src/deploy/host/verify-script.ts'
import { inOrder } from '../../../../src/model/distribution/service.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'

const running = 'ActiveState=active\nJob=\nNRestarts=0'
const heard = new Date().toISOString()

/** Runs the script on a host whose k3s answers so; `K3S` is the body of a case over its arguments. */
async function verify(
  k3s: string,
  {
    role = 'server',
    patience = 2,
    unit = running,
  }: { role?: 'server' | 'agent'; patience?: number; unit?: string } = {},
) {
  const root = await mkdtemp(join(tmpdir(), 'keel-verify-'))
  const program = (name: string, body: string) => writeFile(join(root, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
  await program('systemctl', `case "$*" in *ExecMainStart*) echo @1 ;; *) printf '%s\\n' '${unit}' ;; esac`)
  await program('journalctl', 'true')
  await program('k3s', `cd "\${0%/*}"; echo "$*" >> asked\ncase "$*" in\n${k3s}\nesac`)
  const host = sampleHost({ name: 'ocean', role })
  const one = renderedOf(sampleCluster([host]), host, sampleSurroundings)
  const rendered = {
    ...one,
    services: inOrder(one.services, (service) => ({ ...service, unit: 'k3s.service' as const })),
  }
  const script = verifyScript({ rendered, patience })
  const began = performance.now()
  const { stdout, exitCode } = await execa('bash', ['-s'], {
    input: script,
    reject: false,
    env: { PATH: `${root}:${process.env.PATH}` },
  })
  const asked = await readFile(join(root, 'asked'), 'utf8').catch(() => '')
  await rm(root, { recursive: true })
  const failed = /^failed: (.*)$/m.exec(stdout)?.[1]
  return { exitCode, failed, asked: asked.trim().split('\n'), seconds: (performance.now() - began) / 1000 }
}

const ready = '*readyz*) printf ok ;;'
const node = (text: string) => `*"get node ocean"*) ${text} ;;`

describe.concurrent('what a host that is not healthy is told to lack', () => {
  it.each<[string, string, Parameters<typeof verify>[1], string]>([
    ['an API server that hangs', '*) exec sleep 60 ;;', {}, 'the API server did not answer within 2 s'],
    [
      'an API server that refuses',
      "*) echo 'The connection to the server 127.0.0.1:6443 was refused' >&2; exit 1 ;;",
      {},
      'the API server did not answer within 2 s',
    ],
    [
      'an API server that is not ready',
      '*) echo "Error from server: etcd failed" >&2; exit 1 ;;',
      {},
      'the API server answered, and was not ready (Error from server: etcd failed) within 2 s',
    ],
    [
      'a Node that nobody can be asked for',
      `${ready} *) exec sleep 60 ;;`,
      {},
      'the API server did not answer, which was asked for Node ocean, within 2 s',
    ],
    [
      'the same on an agent',
      '*) exec sleep 60 ;;',
      { role: 'agent' },
      'the API server did not answer, which was asked for Node ocean, within 2 s',
    ],
    [
      'a Node that is not there',
      `${ready} *) echo 'Error from server (NotFound): nodes "ocean" not found' >&2; exit 1 ;;`,
      {},
      'Node ocean did not register within 2 s',
    ],
    [
      'a Node that is not Ready',
      `${ready} ${node(`echo 'False ${heard} cni plugin not initialized'`)}`,
      {},
      'Node ocean was not Ready (cni plugin not initialized) within 2 s',
    ],
    [
      'a Node that has not reported yet',
      `${ready} ${node("echo 'True 1960-01-01T00:00:00Z all is well'")}`,
      {},
      'Node ocean was not Ready within 2 s',
    ],
    [
      'a unit that does not start',
      '*) ;;',
      { unit: 'ActiveState=activating\nJob=1\nNRestarts=0' },
      'k3s.service was not active within 2 s',
    ],
  ])('%s', async (_what, k3s, options, failed) => {
    const seen = await verify(k3s, options)
    expect(seen).toMatchObject({ exitCode: HostExit.Unhealthy, failed })
    // patience means what it says
    expect(seen.seconds).toBeGreaterThan(1)
    expect(seen.seconds).toBeLessThan(6)
  })

  it('nothing, where it is healthy and kubectl warns of something', async () => {
    const warns = "echo 'Warning: something is deprecated' >&2"
    const k3s = `*readyz*) ${warns}; printf ok ;; ${node(`${warns}; echo 'True ${heard} kubelet is posting ready status'`)}`
    expect(await verify(k3s, { patience: 20 })).toMatchObject({ exitCode: 0, failed: undefined })
  })

  it('nothing, where it is healthy', async () => {
    const seen = await verify(`${ready} ${node(`echo 'True ${heard} kubelet is posting ready status'`)}`, {
      patience: 20,
    })
    expect(seen).toMatchObject({ exitCode: 0, failed: undefined })
  })

  it('nothing, where its Node becomes Ready: kubectl is started once to wait for it, and not again and again', async () => {
    const becomesReady = `*" wait "*) sleep 1; : > ready ;;
*"get node ocean"*) if [ -e ready ]; then echo 'True ${heard} all is well'; else echo 'False ${heard} no network'; fi ;;`
    const { exitCode, asked } = await verify(`${ready} ${becomesReady}`, { patience: 20 })
    expect(exitCode).toBe(0)
    // in the end it is asked for the addresses
    expect(asked.map((words) => /readyz|wait|get node/.exec(words)?.[0])).toEqual([
      'readyz',
      'get node',
      'wait',
      'get node',
      'get node',
    ])
  })
})
