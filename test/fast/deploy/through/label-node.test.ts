import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { labelScript, noteMissingScript } from '../../../../src/deploy/through/label-script.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'
import { nodeMarks } from '../../../../src/probes/node/node-marks.ts'

/** A k3s that says how it was called, each word by itself, and refuses what is asked of it with a certain word. */
const k3s = (refuses = 'nothing') => `
k3s() {
  printf '[%s]' "$@"; echo
  case " $* " in *' ${refuses} '*) echo "error: ${refuses}" >&2; return 1 ;; esac
}
`
const run = (script: string, refuses?: string) => execa('bash', ['-s'], { input: k3s(refuses) + script, reject: false })
const operation = {
  op: 'label-node',
  node: 'maia',
  through: 'ocean',
  labels: ['example.com/tier=edge', 'old-'],
  taints: ["odd='$(touch /tmp/x)':NoSchedule"],
  owned: { labels: ['example.com/tier'], taints: ['odd:NoSchedule'] },
} as const
const flags = '[--overwrite][--request-timeout=30s][--][maia]'

describe('a Node is given its labels and taints', () => {
  it('as they are, the note of whose they are last', async () => {
    const { stdout, exitCode } = await run(labelScript(k3sAccess, operation))
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toEqual([
      `[kubectl][label][node]${flags}[example.com/tier=edge][old-]`,
      `[kubectl][taint][node]${flags}[odd='$(touch /tmp/x)':NoSchedule]`,
      `[kubectl][annotate][node]${flags}[keel.internal/node-marks={"labels":["example.com/tier"],"taints":["odd:NoSchedule"]}]`,
    ])
  })
  it('and kubectl is not called for what does not change', async () => {
    const { stdout } = await run(labelScript(k3sAccess, { ...operation, labels: [], taints: [] }))
    expect(stdout).toMatch(/^\[kubectl\]\[annotate\].*$/)
  })
  it.each(['label', 'taint', 'apply'])('and nothing is noted where a %s is refused', async (refuses) => {
    const { stdout, stderr, exitCode } = await run(labelScript(k3sAccess, operation), refuses)
    expect(exitCode).toBe(1)
    expect(stdout).not.toContain('annotate')
    expect(stderr).toContain(`error: ${refuses}`)
  })
})

describe('after an interrupted deploy, what a Node has is noted', () => {
  /** @param record what the API says of the record: nothing where there is none, or no ConfigMap yet */
  const noted = async (record: string) => {
    const { stdout, exitCode } = await run(
      `get() { case " $* " in *' get '*) echo "$*" >&2; ${record} ;; *) echo "$*" ;; esac; }\nk3s() { get "$@"; }
${noteMissingScript(k3sAccess, 'maia.lan', operation.owned)}`,
    )
    expect(exitCode).toBe(0)
    return stdout !== ''
  }

  it.each([
    ['if nobody has recorded it', ':', true],
    ['not if there is a record: it may have more', 'printf {}', false],
    ['not if the API does not answer', 'return 1', false],
  ])('%s', async (_what, record, isNoted) => expect(await noted(record)).toBe(isNoted))
})

describe('a host is asked for its Node', () => {
  it('with nothing where there is no kubelet, and that is no failure', async () => {
    const { stdout, exitCode } = await run(`set -e\n${nodeMarks.script({ access: k3sAccess, name: 'maia' })}`)
    expect([stdout, exitCode]).toEqual(['', 0])
  })
  it.each([
    ['answers', undefined],
    ['does not', 'get'],
  ])('with its own credential, whether k3s %s', async (_what, refuses) => {
    // any file that is there
    const script = nodeMarks
      .script({ access: k3sAccess, name: 'maia' })
      .replaceAll('/var/lib/rancher/k3s/agent/kubelet.kubeconfig', '/etc/passwd')
    const { stdout, exitCode } = await run(`set -e\n${script}`, refuses)
    expect(exitCode).toBe(0)
    expect(stdout).toBe('[kubectl][--kubeconfig][/etc/passwd][--request-timeout=5s][get][--raw][/api/v1/nodes/maia]')
  })
  it('by what note it carries, k3s’s arguments where there is none', () => {
    const node = (annotations: object) =>
      nodeMarks.parse(JSON.stringify({ kind: 'Node', metadata: { labels: { a: '1' }, annotations }, spec: {} }))
    const args = {
      'k3s.io/node-args': '["server","--node-label","a=1","--node-taint","b=2:NoSchedule","--node-taint"]',
    }
    expect(node({})).toEqual({ labels: { a: '1' }, taints: {} })
    expect(node(args)?.owned).toEqual({ labels: ['a'], taints: ['b:NoSchedule'] })
    expect(node({ ...args, 'keel.internal/node-marks': '{"labels":[],"taints":[]}' })?.owned).toEqual({
      labels: [],
      taints: [],
    })
    expect(node({ 'keel.internal/cordoned-by': 'd1' })).toEqual({ labels: { a: '1' }, taints: {}, isCordoned: true })
    expect(node({ ...args, 'keel.internal/node-marks': 'broken by hand' })?.owned).toEqual({
      labels: ['a'],
      taints: ['b:NoSchedule'],
    })
  })
})
