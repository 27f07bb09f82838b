import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../../src/deploy/event.ts'
import { applyObjects } from '../../../../src/deploy/through/apply-objects.ts'
import { objectsScript } from '../../../../src/deploy/through/objects-script.ts'
import { clusterObjectsOf } from '../../../../src/desired/cluster-objects.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'
import { targetOf } from '../../../../src/fleet/target-of.ts'
import { planObjects } from '../../../../src/plan/api/plan-objects.ts'
import type { ObjectOperation } from '../../../../src/plan/object-operation.ts'
import { clusterObjects } from '../../../../src/probes/cluster/cluster-objects.ts'
import { agentCluster, answerOf, inApi } from '../../../support/samples/cluster-objects.ts'
import { sampleHost } from '../../../support/samples/sample-cluster.ts'

const wanted = clusterObjectsOf(agentCluster('split'))
const [namespace, ...others] = wanted
if (namespace === undefined) throw new Error('nothing is wanted')

/** A k3s that says how it was called and what it was given, and refuses what is asked of it with a certain word. */
const k3s = (refuses: string) => `
timeout() { shift; "$@"; }
k3s() {
  case " $* " in *' ${refuses} '*) echo "error: ${refuses}" >&2; return 1 ;; esac
  case " $* " in *' --filename=- '*) ;; *) printf '[%s]' "$@" >&2; echo >&2; echo '{"kind":"List",
"items":[]}'; return ;; esac
  printf '[%s]' "$@" >&2; echo " $(grep -o '"name":"[^"]*"' | head -n 1)" >&2
}
`
// any file that is there
const run = (script: string, refuses = 'nothing') =>
  execa('bash', ['-s'], {
    input: k3s(refuses) + script.replaceAll('/etc/rancher/k3s/k3s.yaml', '/etc/passwd'),
    reject: false,
  })
const get = '[kubectl][--cache-dir=/dev/null][--request-timeout=5s][get][--output=json]'

describe('a server is asked for keel’s objects', () => {
  it('by their labels and by name; an answer is one line', async () => {
    const { stdout, exitCode } = await run(`set -e\n${clusterObjects.script({ access: k3sAccess, wanted })}`)
    expect(exitCode).toBe(0)
    expect(stdout).toBe('{"kind":"List","items":[]}\n')
    expect(clusterObjects.parse(`${stdout}\n`)).toEqual([])
  })
  it('by their labels alone where none is wanted', async () => {
    const { stderr } = await run(clusterObjects.script({ access: k3sAccess, wanted: [] }).replaceAll('2>/dev/null', ''))
    expect(stderr.split('\n')).toEqual([
      `${get}[namespaces,serviceaccounts,clusterroles.rbac.authorization.k8s.io,clusterrolebindings.rbac.authorization.k8s.io,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io][--all-namespaces][--selector=app.kubernetes.io/managed-by=keel,keel.internal/part]`,
    ])
  })
  it.each(['--all-namespaces', '--filename=-'])(
    'and nothing is known where the API does not answer (%s)',
    async (refuses) => {
      const { stdout, exitCode } = await run(`set -e\n${clusterObjects.script({ access: k3sAccess, wanted })}`, refuses)
      expect([stdout, exitCode]).toEqual(['', 0])
      expect(clusterObjects.parse(stdout)).toBeUndefined()
    },
  )
  it.each<[string, string, number | undefined]>([
    ['lists', answerOf(wanted), wanted.length],
    ['one that was named, alone', answerOf([], [namespace]), 1],
    ['none', '{"kind":"List","items":[]}\n\n', 0],
    ['half an answer', '{"kind":"List","items":[]}', undefined],
    ['something else', 'panic: no\n{}\n', undefined],
    ['nothing', '', undefined],
  ])('%s', (_what, stdout, count) => {
    expect(clusterObjects.parse(stdout)?.length).toBe(count)
  })
  it('of which it says what keel compares: applied, they are what is wanted', () => {
    expect(clusterObjects.parse(answerOf(wanted))).toEqual(wanted.map(inApi))
  })
})

const group = '.rbac.authorization.k8s.io'
const deletion = (what: string, namespace?: string) =>
  `[kubectl][delete][--ignore-not-found][--timeout=60s]${namespace === undefined ? '' : `[--namespace=${namespace}]`}[${what}]`

describe('on a server', () => {
  const operations = (live: Parameters<typeof planObjects>[1], to = wanted) => planObjects(to, live)
  it('objects are applied by keel as their manager, in their order', async () => {
    const live = others.map(inApi)
    const { stderr, exitCode } = await run(objectsScript(k3sAccess, wanted, operations(live)))
    expect(exitCode).toBe(0)
    const apply =
      '[kubectl][apply][--server-side][--field-manager=keel][--force-conflicts][--request-timeout=30s][--filename=-]'
    expect(stderr.split('\n')).toEqual([`${apply} "name":"keel-system"`])
  })
  it('and deleted by name, each where it is', async () => {
    const { stderr } = await run(objectsScript(k3sAccess, [], operations(wanted.map(inApi), [])))
    const inNamespaces = ['rolebindings', 'roles'].flatMap((kind) =>
      ['default', 'keel-system'].map((namespace) => deletion(`${kind}${group}/keel-approver`, namespace)),
    )
    const others = ['clusterrolebindings', 'clusterroles', 'serviceaccounts', 'namespaces'].flatMap((kind) =>
      (kind === 'namespaces' ? ['keel-system'] : ['keel-agent', 'keel-approver']).map((name) =>
        deletion(
          `${kind}${kind.startsWith('clusterrole') ? group : ''}/${name}`,
          kind === 'serviceaccounts' ? 'keel-system' : undefined,
        ),
      ),
    )
    expect(stderr.split('\n').filter((line) => line.includes('[delete]'))).toEqual([...inNamespaces, ...others])
  })
  it('and nothing more is done once one is refused', async () => {
    const { stdout, exitCode } = await run(objectsScript(k3sAccess, wanted, operations([])), 'apply')
    expect([stdout, exitCode]).toEqual(['', 1])
  })
})

describe('a deploy’s last step', () => {
  const applyAll: readonly ObjectOperation[] = planObjects(wanted, [])
  /** Answers one script after the other. */
  async function deploy(operations: readonly ObjectOperation[], answers: readonly string[]) {
    const scripts: string[] = []
    const events: Event[] = []
    const ocean = sampleHost({ name: 'ocean' })
    const transport = {
      target: targetOf(ocean),
      run: async (script: string) => {
        const stdout = answers[scripts.length] ?? ''
        scripts.push(script)
        return {
          exitCode: stdout === 'refused' ? 1 : 0,
          stdout,
          stderr: stdout === 'refused' ? 'x\nerror: forbidden\n' : '',
        }
      },
      close: async () => undefined,
    }
    const failure: unknown = await applyObjects({
      access: k3sAccess,
      patience: 180,
      wanted,
      plan: { operations, through: ocean.name },
      transports: new Map([['ocean', transport]]),
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
    }).catch((error: unknown) => error)
    return { failure, scripts, events }
  }

  it('is one script, and sees that it has worked', async () => {
    const { failure, scripts, events } = await deploy(applyAll, [answerOf(wanted)])
    expect(failure).toBeUndefined()
    expect(scripts).toEqual([objectsScript(k3sAccess, wanted, applyAll)])
    expect(events).toEqual(applyAll.map((operation) => ({ event: 'object', host: 'ocean', operation })))
  })
  it('asks first where the API could not be asked before', async () => {
    const { failure, scripts, events } = await deploy([{ op: 'see-objects' }], [answerOf([]), answerOf(wanted)])
    expect(failure).toBeUndefined()
    expect(scripts).toEqual([
      clusterObjects.script({ access: k3sAccess, wanted }),
      objectsScript(k3sAccess, wanted, applyAll),
    ])
    expect(events.map((event) => event.event === 'object' && event.operation.op)).toEqual([
      'see-objects',
      ...applyAll.map(({ op }) => op),
    ])
    expect((await deploy([{ op: 'see-objects' }], [answerOf(wanted)])).scripts).toHaveLength(1)
  })
  it.each([
    ['applied', applyAll],
    ['seen', [{ op: 'see-objects' } as const]],
  ])('tells nothing of what could not be %s', async (_, operations) => {
    expect((await deploy(operations, ['refused'])).events).toEqual([])
  })
  it.each<[string, readonly ObjectOperation[], readonly string[], object]>([
    [
      'what is refused',
      applyAll,
      ['refused'],
      { code: 'cluster-objects', message: expect.stringContaining('error: forbidden') },
    ],
    ['an API that says nothing', applyAll, [''], { code: 'cluster-objects' }],
    ['what is not there afterwards', applyAll, [answerOf(others)], { code: 'cluster-objects' }],
    [
      'somebody else’s, seen only now',
      [{ op: 'see-objects' }],
      [answerOf([], wanted).replaceAll('"keel.internal/part":"keel-agent"', '"a":"b"')],
      { faults: wanted.map(() => expect.objectContaining({ code: 'foreign-object' })) },
    ],
  ])('fails by %s', async (_what, operations, answers, failure) => {
    expect((await deploy(operations, answers)).failure).toMatchObject(failure)
  })
  it('is none where nothing is to be done', async () => {
    expect((await deploy([], [])).scripts).toEqual([])
  })
})
