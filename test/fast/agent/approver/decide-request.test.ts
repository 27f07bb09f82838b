import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { decideRequest } from '../../../../src/agent/approver/decide-request.ts'
import { RecentRequests } from '../../../../src/agent/approver/recent-requests.ts'
import { approverPolicySchema } from '../../../../src/model/keel-agent/approver-policy.ts'
import { der } from '../../../../src/model/keys/der.ts'
import { craftedPem, dns, ip, OIDS, rdn, utf8 } from '../../../support/agent/crafted-request.ts'
import { CLIENT, samplePolicy, sampleSigningRequest } from '../../../support/agent/sample-signing-request.ts'

const subject = (cn: string, ...os: readonly string[]) =>
  craftedPem({
    subject: der.sequence(...os.map((o) => rdn(OIDS.O, utf8(o))), rdn(OIDS.CN, utf8(cn))),
  })
const reef = craftedPem({
  subject: der.sequence(rdn(OIDS.O, utf8('system:nodes')), rdn(OIDS.CN, utf8('system:node:reef'))),
  names: [dns('reef'), ip(10, 0, 0, 3)],
})
const byReef = { username: 'system:node:reef' }
const account = (name: string) => ({
  username: `system:serviceaccount:keel-system:${name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:keel-system', 'system:authenticated'],
})
const agentAccount = account('keel-agent')

type Case = readonly [what: string, request: ReturnType<typeof sampleSigningRequest>, decided: string]
const of = sampleSigningRequest
const decided = (request: Case[1], policy = samplePolicy, earlier = 0) => {
  const decision = decideRequest(policy, request, earlier)
  return decision.kind === 'deny' ? decision.reason : decision.kind
}

describe('a request is', () => {
  test.each<Case>([
    ['approved: that of an agent', of(), 'approve'],
    ['approved for a part of its names', of({}, { pem: craftedPem({ names: [ip(10, 0, 0, 2)] }) }), 'approve'],
    [
      'approved with usages and groups in another order',
      of({ usages: ['server auth', 'digital signature'] }),
      'approve',
    ],
    [
      'approved: that of a kubelet with a key for RSA',
      of({ ...byReef, usages: ['server auth', 'key encipherment', 'digital signature'] }, { pem: reef }),
      'approve',
    ],
    [
      'approved without a lifetime where the policy has none',
      of({ ...byReef, expirationSeconds: undefined }, { pem: reef }),
      'approve',
    ],

    ['left: of another signer', of({ signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }), 'leave'],
    ['left: of a signer of somebody else', of({ signerName: 'example.com/mine' }), 'leave'],
    ['left: approved already', of({}, { status: { conditions: [{ type: 'Approved' }] } }), 'leave'],
    ['left: denied already', of({}, { status: { conditions: [{ type: 'Denied' }] } }), 'leave'],
    ['left: failed', of({}, { status: { conditions: [{ type: 'Failed' }] } }), 'leave'],
    ['left: issued', of({}, { status: { certificate: 'x' } }), 'leave'],
    [
      'left: a person who asks for a client certificate',
      of({ username: 'ada', groups: [], signerName: CLIENT }, { pem: subject('ada', 'devs') }),
      'leave',
    ],
    [
      'left: a node that is in no policy, in its own name',
      of({ username: 'system:node:kelp' }, { pem: subject('system:node:kelp', 'system:nodes') }),
      'leave',
    ],
    [
      'left: what nobody can read, from somebody else',
      of({ username: 'ada', groups: [] }, { pem: 'nonsense' }),
      'leave',
    ],
  ])('%s', (_what, request, expected) => expect(decided(request)).toBe(expected))
})

describe('attack 6: a request is denied', () => {
  test.each<Case>([
    ['in the name of another node', of({}, { pem: reef }), 'SubjectNotAllowed'],
    [
      'with the names of another node',
      of({}, { pem: craftedPem({ names: [dns('maia'), dns('reef')] }) }),
      'NamesNotAllowed',
    ],
    ['with the address of another node', of({}, { pem: craftedPem({ names: [ip(10, 0, 0, 3)] }) }), 'NamesNotAllowed'],
    [
      'with its address written as IPv6',
      of({}, { pem: craftedPem({ names: [ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 2)] }) }),
      'NamesNotAllowed',
    ],
    ['without a name', of({}, { pem: craftedPem({ names: [] }) }), 'NamesNotAllowed'],
    ['for a year', of({ expirationSeconds: 31_536_000 }), 'LifetimeNotAllowed'],
    ['for a second too long', of({ expirationSeconds: 604_801 }), 'LifetimeNotAllowed'],
    ['for as long as the signer likes', of({ expirationSeconds: undefined }), 'LifetimeNotAllowed'],
    ['for system:masters', of({}, { pem: subject('system:node:maia', 'system:masters') }), 'SubjectNotAllowed'],
    [
      'for system:masters besides',
      of({}, { pem: subject('system:node:maia', 'system:nodes', 'system:masters') }),
      'SubjectNotAllowed',
    ],
    [
      'for system:nodes twice',
      of({}, { pem: subject('system:node:maia', 'system:nodes', 'system:nodes') }),
      'SubjectNotAllowed',
    ],
    [
      'to be a client, with any name',
      of({ signerName: CLIENT, usages: ['client auth'] }, { pem: subject('anybody') }),
      'SignerNotAllowed',
    ],
    ['to be a client, in its own name', of({ signerName: CLIENT, usages: ['client auth'] }), 'SignerNotAllowed'],
    [
      'to be a client, as a scheduler',
      of({ signerName: CLIENT }, { pem: subject('system:kube-scheduler') }),
      'SignerNotAllowed',
    ],
    ['to be a client too', of({ usages: ['digital signature', 'server auth', 'client auth'] }), 'UsagesNotAllowed'],
    ['for one usage twice', of({ usages: ['digital signature', 'server auth', 'server auth'] }), 'UsagesNotAllowed'],
    ['for no usage', of({ usages: [] }), 'UsagesNotAllowed'],
    ['by a token in the name of a node', of(agentAccount), 'RequesterNotAllowed'],
    [
      'by a token, to be a client with any name',
      of({ ...agentAccount, signerName: CLIENT }, { pem: subject('anybody') }),
      'RequesterNotAllowed',
    ],
    ['by the approver itself', of(account('keel-approver')), 'RequesterNotAllowed'],
    ['by a person in the name of a node', of({ username: 'ada', groups: ['system:masters'] }), 'RequesterNotAllowed'],
    [
      'by a person in the name of a node, to be a client',
      of({ username: 'ada', groups: [], signerName: CLIENT }),
      'RequesterNotAllowed',
    ],
    [
      'by its name with more groups',
      of({ groups: ['system:nodes', 'system:authenticated', 'system:masters'] }),
      'RequesterNotAllowed',
    ],
    ['by its name with fewer groups', of({ groups: ['system:authenticated'] }), 'RequesterNotAllowed'],
    ['that nobody can read', of({}, { pem: 'nonsense' }), 'RequestMalformed'],
    ['that is larger than any of an agent', of({}, { pem: craftedPem().padEnd(20_000, '\n') }), 'RequestMalformed'],
  ])('%s', (_what, request, expected) => {
    expect(decided(request)).toBe(expected)
  })

  it('whatever is changed in a good one (property)', () => {
    const texts = fc.string({ maxLength: 40 })
    const change = fc.oneof(
      fc.record({ username: texts.map((text) => `system:node:maia${text}x`) }),
      fc.record({ groups: fc.array(texts) }),
      fc.record({ usages: fc.array(texts) }),
      fc.record({ expirationSeconds: fc.integer({ min: 604_801 }) }),
      fc.record({ request: fc.base64String() }),
      fc.record({ signerName: fc.constant(CLIENT) }),
    )
    fc.assert(
      fc.property(change, (spec) => {
        expect(decided(of(spec))).not.toBe('approve')
      }),
    )
    const label = fc.stringMatching(/^[a-z0-9]{1,20}$/)
    fc.assert(
      fc.property(label, label, (cn, name) => {
        fc.pre(name !== 'maia' && cn !== 'maia')
        expect(decided(of({}, { pem: craftedPem({ names: [dns('maia'), dns(name)] }) }))).toMatch(/^(Names|Request)/)
        expect(decided(of({}, { pem: subject(`system:node:${cn}`, 'system:nodes') }))).toBe('SubjectNotAllowed')
        expect(decided(of({}, { pem: subject('system:node:maia', cn) }))).toBe('SubjectNotAllowed')
      }),
    )
  })

  it('with a message that is short, and has the stranger’s words in quotes', () => {
    const long = of({}, { pem: craftedPem({ names: [dns(`${'a'.repeat(60)}.${'b'.repeat(60)}`)] }) })
    const decision = decideRequest(samplePolicy, long, 0)
    expect(decision).toMatchObject({
      message: expect.stringMatching(/asks for a name that is not its own: "a{60}\.b{39}…"$/),
    })
  })
})

describe('with tokens, the API server says to which node one is bound', () => {
  const [first] = samplePolicy.allowed
  const extra = { 'authentication.kubernetes.io/node-name': ['maia'] }
  const policy = approverPolicySchema.parse({
    ...samplePolicy,
    allowed: [{ ...first, requester: { ...agentAccount, extra } }],
  })
  test.each<[string, object, string]>([
    ['maia: approved', { extra }, 'approve'],
    [
      'maia, and what else Kubernetes knows: approved',
      { extra: { ...extra, 'authentication.kubernetes.io/credential-id': ['JTI=x'] } },
      'approve',
    ],
    ['none: denied', {}, 'RequesterNotAllowed'],
    ['another: denied', { extra: { 'authentication.kubernetes.io/node-name': ['reef'] } }, 'RequesterNotAllowed'],
    ['two: denied', { extra: { 'authentication.kubernetes.io/node-name': ['maia', 'reef'] } }, 'RequesterNotAllowed'],
  ])('%s', (_what, spec, expected) => expect(decided(of({ ...agentAccount, ...spec }), policy)).toBe(expected))
})

describe('a node that floods', () => {
  it('is denied from the first request over its number, and told why', () => {
    expect(decided(of(), samplePolicy, 2)).toBe('approve')
    expect(decideRequest(samplePolicy, of(), 3)).toEqual({
      kind: 'deny',
      reason: 'TooManyRequests',
      message: 'maia made more than 3 requests in an hour: see why in the journal of its keel-agent',
    })
  })

  it('is counted by the times of the API server, each request once, and no other node with it', () => {
    const recent = new RecentRequests()
    for (const [node, uid, at] of [
      ['maia', 'long ago', 0],
      ['maia', 'a', 1000],
      ['maia', 'a', 1000],
      ['maia', 'b', 3600],
      ['maia', 'later', 3601],
      ['reef', 'c', 3600],
    ] as const)
      recent.note(node, uid, at)
    expect(recent.before('maia', 'new', 3600)).toBe(2)
    expect(recent.before('maia', 'b', 3600)).toBe(1)
    expect(recent.before('reef', 'new', 3600)).toBe(1)
    expect(recent.before('kelp', 'new', 3600)).toBe(0)
  })

  it('takes no more memory for 100,000 requests, and stays known', () => {
    const recent = new RecentRequests()
    for (let request = 0; request < 100_000; request++) recent.note('maia', `${request}`, Math.floor(request / 100))
    expect(recent.before('maia', 'new', 1000)).toBeGreaterThan(900)
    expect(recent.before('maia', 'new', 1000)).toBeLessThan(2100)
  })
})
