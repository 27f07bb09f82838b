import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { activateScript } from '../../../../src/deploy/files/activate-script.ts'
import { HostExit } from '../../../../src/deploy/host/host-script.ts'
import { verifyScript } from '../../../../src/deploy/host/verify-script.ts'
import { questionsFor } from '../../../../src/fleet/survey.ts'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'
import { twoServices } from '../../../support/samples/two-services.ts'

/** Runs the watch on a host whose units are so, one look after the other; the last look stays. */
async function watch(looks: Readonly<Record<'containerd' | 'kubelet', readonly string[]>>) {
  const root = await mkdtemp(join(tmpdir(), 'keel-verify-'))
  const program = (name: string, body: string) => writeFile(join(root, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
  for (const [unit, states] of Object.entries(looks)) await writeFile(join(root, unit), `${states.join('\n')}\n`)
  await program(
    'systemctl',
    `case "$*" in *ExecMainStart*) echo @1; exit ;; esac
unit=\${*: -1}; unit=${root}/\${unit%.service}
state=$(head -n 1 "$unit"); [ "$(wc -l < "$unit")" = 1 ] || sed -i 1d "$unit"
printf 'ActiveState=%s\\nJob=\\nNRestarts=0\\n' "$state"`,
  )
  await program('journalctl', `case "$*" in *containerd*) echo 'of containerd' ;; *kubelet*) echo 'of kubelet' ;; esac`)
  await program('k3s', `case "$*" in *"get node maia"*) echo "True $(date -u +%Y-%m-%dT%H:%M:%SZ) ready" ;; esac`)
  const { stdout, exitCode } = await execa('bash', ['-s'], {
    input: verifyScript({ rendered: twoServices, patience: 20 }),
    reject: false,
    env: { PATH: `${root}:${process.env.PATH}` },
  })
  await rm(root, { recursive: true })
  return { exitCode, lines: stdout.split('\n').filter((line) => /^(waiting|failed|journal)/.test(line)) }
}

describe.concurrent('the watch of a host with two services', () => {
  it('waits for each in its order, then for its Node', async () => {
    expect(
      await watch({ containerd: ['activating', 'activating', 'active'], kubelet: ['activating', 'active'] }),
    ).toEqual({
      exitCode: 0,
      lines: [
        'waiting for containerd.service to be active',
        'waiting for kubelet.service to be active',
        'waiting for node maia to be Ready',
      ],
    })
  })

  it.each([
    [
      'containerd',
      [
        'waiting for containerd.service to be active',
        'failed: containerd.service is not running',
        'journal: of containerd',
      ],
    ],
    [
      'kubelet',
      [
        'waiting for containerd.service to be active',
        'waiting for kubelet.service to be active',
        'failed: kubelet.service is not running',
        'journal: of kubelet',
      ],
    ],
  ])('tells the log of %s if that one fails', async (failing, lines) => {
    const looks = { containerd: ['active'], kubelet: ['active'], [failing]: ['failed'] }
    expect(await watch(looks)).toEqual({ exitCode: HostExit.Unhealthy, lines })
  })
})

describe('the units of two services', () => {
  const sources = sourcesOf({ registry: 'r1', bootstrap: 'b1' })
  /** What systemd is told on a host that was seen so. */
  const orders = (facts: FilesFacts) => {
    const operations = planHost(twoServices, facts, sources)
    const plan = { host: twoServices.host, role: 'agent', wave: 0, operations } as const
    const staging = { id: '0123456789abcdef', questions: questionsFor(twoServices) }
    const script = activateScript({ plan, rendered: twoServices, sources: {}, staging, changed: new Set() })
    return script.match(/^systemctl (?:enable|daemon-reload).*|systemctl start --no-block.*/gm)
  }
  const empty = emptyFacts(twoServices.host, twoServices.services)

  it('are enabled before systemd reads them, all in one reading, and started in their order', () => {
    expect(orders(empty)).toEqual([
      'systemctl enable --quiet --no-reload -- containerd.service kubelet.service 2>/dev/null',
      'systemctl daemon-reload',
      'systemctl start --no-block -- containerd.service',
      'systemctl start --no-block -- kubelet.service',
    ])
  })

  it('are read anew by each that is enabled where nothing else has systemd read them', () => {
    const done = applyOperations(twoServices, empty, sources, planHost(twoServices, empty, sources))
    expect(orders(withServices(done, { enabled: 'disabled' }))).toEqual([
      'systemctl enable --quiet -- containerd.service 2>/dev/null',
      'systemctl enable --quiet -- kubelet.service 2>/dev/null',
    ])
  })
})
