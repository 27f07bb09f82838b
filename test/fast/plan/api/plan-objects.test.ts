import { describe, expect, it } from 'vitest'
import { clusterObjectsOf } from '../../../../src/desired/cluster-objects.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'
import { type LiveObject, ownLabels } from '../../../../src/model/kubernetes/cluster-object.ts'
import { planObjects } from '../../../../src/plan/api/plan-objects.ts'
import { describeObjectOperation } from '../../../../src/plan/describe-object-operation.ts'
import { foreignObjects } from '../../../../src/plan/refusals/foreign-objects.ts'
import { agentCluster, inApi } from '../../../support/samples/cluster-objects.ts'

const wanted = clusterObjectsOf(agentCluster('split'))
const oneRole = clusterObjectsOf(agentCluster('one-role'))
const lines = (of: readonly LiveObject[], to = wanted) => planObjects(to, of).map(describeObjectOperation)
/** The API with one object changed, or gone. */
const but = (name: string, change: (object: LiveObject) => LiveObject | undefined) =>
  wanted.map(inApi).flatMap((object) => (`${object.kind} ${object.name}` === name ? (change(object) ?? []) : object))
const fields = (over: object) => (object: LiveObject) => ({ ...object, fields: { ...object.fields, ...over } })
const role = 'ClusterRole keel-approver'

describe("keel's objects in the API", () => {
  it('are all made where there is none, what others refer to first', () => {
    expect(lines([])).toEqual([
      'apply Namespace keel-system',
      'apply ServiceAccount keel-system/keel-agent',
      'apply ClusterRole keel-agent',
      'apply ClusterRoleBinding keel-agent',
      'apply ServiceAccount keel-system/keel-approver',
      'apply ClusterRole keel-approver',
      'apply ClusterRoleBinding keel-approver',
      'apply Role default/keel-approver',
      'apply RoleBinding default/keel-approver',
      'apply Role keel-system/keel-approver',
      'apply RoleBinding keel-system/keel-approver',
    ])
  })
  it('are left alone as they should be, whatever Kubernetes and others add', () => {
    const theirs = { ...inApi({ ...(wanted[2] ?? fail()), name: 'view' }), labels: {} }
    const labelled = wanted.map(inApi).map((object) => ({ ...object, labels: { ...object.labels, theirs: 'x' } }))
    expect(lines([...labelled, theirs])).toEqual([])
    expect(lines(but('Namespace keel-system', fields({ spec: { finalizers: ['kubernetes'] } })))).toEqual([])
  })
  it.each<[string, ReturnType<typeof but>, string]>([
    ['gone', but(role, () => undefined), `apply ${role}`],
    [
      'with a rule more',
      but(
        role,
        withRules((rules) => [...rules, rules[0]]),
      ),
      `apply ${role} (it differs in rules)`,
    ],
    [
      'with a rule less',
      but(
        role,
        withRules((rules) => rules.slice(1)),
      ),
      `apply ${role} (it differs in rules)`,
    ],
    [
      'with a rule that names fewer objects',
      but(
        role,
        withRules(([first, ...rules]) => [{ ...first, resourceNames: ['one'] }, ...rules]),
      ),
      `apply ${role} (it differs in rules)`,
    ],
    [
      'for any signer',
      but(
        role,
        withRules((rules) => rules.map(({ resourceNames: _, ...rule }) => rule)),
      ),
      `apply ${role} (it differs in rules)`,
    ],
    [
      'bound to somebody else, too',
      but('ClusterRoleBinding keel-agent', (object) => {
        const subjects = [object.fields.subjects, { kind: 'User', name: 'eve' }].flat()
        return fields({ subjects })(object)
      }),
      'apply ClusterRoleBinding keel-agent (it differs in subjects)',
    ],
    [
      'bound to another role',
      but('ClusterRoleBinding keel-agent', fields({ roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } })),
      'apply ClusterRoleBinding keel-agent (created again, because it differs in roleRef)',
    ],
    [
      'that Pods may run as',
      but('ServiceAccount keel-agent', fields({ automountServiceAccountToken: true })),
      'apply ServiceAccount keel-system/keel-agent (it differs in automountServiceAccountToken)',
    ],
    [
      'of another part of keel',
      but(role, (object) => ({ ...object, labels: ownLabels({ part: 'other' }) })),
      `apply ${role} (it differs in labels)`,
    ],
  ])('are mended: one %s', (_what, live, line) => {
    expect(lines(live)).toEqual([line])
    expect(foreignObjects(wanted, live, 'ocean', k3sAccess)).toEqual([])
  })
  it('go when the inventory drops them, those that others refer to last, and nothing else goes', () => {
    const live = wanted.map(inApi)
    expect(
      lines(
        [...live, { ...(live[2] ?? fail()), name: 'theirs', labels: { 'app.kubernetes.io/managed-by': 'keel' } }],
        [],
      ),
    ).toEqual([
      'remove RoleBinding default/keel-approver (no longer in the inventory)',
      'remove RoleBinding keel-system/keel-approver (no longer in the inventory)',
      'remove Role default/keel-approver (no longer in the inventory)',
      'remove Role keel-system/keel-approver (no longer in the inventory)',
      'remove ClusterRoleBinding keel-agent (no longer in the inventory)',
      'remove ClusterRoleBinding keel-approver (no longer in the inventory)',
      'remove ClusterRole keel-agent (no longer in the inventory)',
      'remove ClusterRole keel-approver (no longer in the inventory)',
      'remove ServiceAccount keel-system/keel-agent (no longer in the inventory)',
      'remove ServiceAccount keel-system/keel-approver (no longer in the inventory)',
      'remove Namespace keel-system and all that is in it (no longer in the inventory)',
    ])
  })
  it('with one role for all, the approver is nobody of its own', () => {
    expect(lines(wanted.map(inApi), oneRole)).toEqual([
      'remove RoleBinding default/keel-approver (no longer in the inventory)',
      'remove RoleBinding keel-system/keel-approver (no longer in the inventory)',
      'remove Role default/keel-approver (no longer in the inventory)',
      'remove Role keel-system/keel-approver (no longer in the inventory)',
      'remove ClusterRoleBinding keel-approver (no longer in the inventory)',
      'remove ClusterRole keel-approver (no longer in the inventory)',
      'remove ServiceAccount keel-system/keel-approver (no longer in the inventory)',
      'apply ClusterRole keel-agent (it differs in rules)',
    ])
  })
})

describe('an object of the same name that somebody else made', () => {
  it('is refused, and can be handed over', () => {
    const live = but('ServiceAccount keel-agent', (object) => ({ ...object, labels: {} }))
    const [fault, ...others] = foreignObjects(wanted, live, 'ocean', k3sAccess)
    expect(others).toEqual([])
    expect(fault).toMatchObject({ code: 'foreign-object', at: 'ocean' })
    expect(fault?.todo).toContain(
      '`k3s kubectl --namespace keel-system label serviceaccount keel-agent app.kubernetes.io/managed-by=keel keel.internal/part=keel-agent`',
    )
  })
  it('is nobody’s business where keel wants none', () => {
    const live = wanted.map((object) => ({ ...inApi(object), labels: {} }))
    expect(foreignObjects([], live, 'ocean', k3sAccess)).toEqual([])
    expect(planObjects([], live)).toEqual([])
  })
})

interface Rule {
  readonly resourceNames?: readonly string[]
}

function withRules(change: (rules: readonly Rule[]) => readonly unknown[]) {
  return (object: LiveObject) => {
    const rules = object.fields.rules
    return fields({ rules: change(Array.isArray(rules) ? rules : []) })(object)
  }
}

function fail(): never {
  throw new Error('no such object')
}
