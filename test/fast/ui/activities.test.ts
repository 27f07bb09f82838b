import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import type { ObjectOperation } from '../../../src/plan/object-operation.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import { reporterFor } from '../../../src/ui/reporter.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'

/** What is printed, where there is no terminal. */
function printed(events: readonly Event[]): readonly string[] {
  const stderr = new PassThrough()
  const reporter = reporterFor({ json: false, stdout: new PassThrough(), stderr, run: new RunRecord() })
  for (const event of events) reporter.report(event)
  return String(stderr.read() ?? '')
    .split('\n')
    .slice(0, -1)
}
const phase = (host: string, name: Extract<Event, { event: 'phase' }>['phase'], sends?: boolean): Event => ({
  event: 'phase',
  host,
  phase: name,
  ...(sends === undefined ? {} : { sends }),
})
const done = (host: string): Event => ({ event: 'done', host, changed: true, seconds: 1 })

it('a host that has all it needs waits for the one that is switched, once', () => {
  expect(
    printed([
      phase('ocean', 'stage'),
      phase('maia', 'stage'),
      phase('ocean', 'staged'),
      phase('maia', 'staged'),
      phase('ocean', 'activate'),
      phase('ocean', 'verify'),
      done('ocean'),
      phase('two', 'activate'),
      done('two'),
      phase('maia', 'activate'),
      done('maia'),
    ]),
  ).toEqual([
    'ocean: sending files',
    'maia: sending files',
    'ocean: putting them in place',
    'maia: waiting for ocean',
    'ocean: waiting until it is healthy',
    'ocean: done in 1.0 s',
    'two: putting them in place',
    'two: done in 1.0 s',
    'maia: putting them in place',
    'maia: done in 1.0 s',
  ])
})

it('a host to which nothing is sent says so by waiting', () => {
  const events = [
    phase('maia', 'stage', false),
    phase('maia', 'staged'),
    phase('ocean', 'activate'),
    phase('maia', 'activate'),
  ]
  expect(printed(events)).toEqual([
    'ocean: putting them in place',
    'maia: waiting for ocean',
    'maia: putting them in place',
  ])
})

it.each<[Extract<Event, { event: 'k3s' }>, string]>([
  [{ event: 'k3s', host: 'a', did: 'restarted', stored: [] }, 'a: restarted k3s'],
  [{ event: 'k3s', host: 'a', did: 'started', stored: [] }, 'a: started k3s'],
  [{ event: 'k3s', host: 'a', did: 'not-restarted', stored: [] }, 'a: k3s not restarted'],
  [
    { event: 'k3s', host: 'a', did: 'not-restarted', stored: ['t'] },
    'a: t stored again; same value, k3s not restarted',
  ],
  [
    { event: 'k3s', host: 'a', did: 'not-restarted', stored: ['t', 'u'] },
    'a: t, u stored again; same values, k3s not restarted',
  ],
])('%o', (event, line) => expect(printed([event])).toEqual([line]))

it.each<[Operation, string]>([
  [
    { op: 'push-artifact', name: 'k3s', version: 'v1.36.3+k3s1', path: '/p', why: 'content' },
    'pushed k3s v1.36.3+k3s1 to /p (its content differs)',
  ],
  [{ op: 'write-file', path: '/etc/a', why: 'missing' }, 'wrote /etc/a'],
  [{ op: 'store-credential', id: 't', why: 're-encrypted' }, 'stored secret t (re-encrypted)'],
  [{ op: 'remove-unit', unit: 'u.service', path: '/u' }, 'stopped and removed u.service (no longer in the inventory)'],
  [{ op: 'place-ca' }, 'placed the CA of the cluster (k3s had no data here yet)'],
  [{ op: 'admit-node', through: 'b' }, 'on b: opened the firewall for this node'],
  [
    {
      op: 'label-node',
      node: 'a',
      through: 'b',
      labels: ['x=y'],
      taints: ['z-'],
      owned: { labels: ['x'], taints: [] },
    },
    'on b: Node a: labelled x=y, tainted z-',
  ],
  [
    { op: 'restart-reader', unit: 'u.service', of: '/etc/a' },
    'told systemd to restart u.service if it ran (changed: /etc/a)',
  ],
  [{ op: 'run-unit', unit: 'u.service', by: 'reload' }, 'told systemd to reload u.service'],
  [{ op: 'start-unit', unit: 'k3s.service' }, 'told systemd to start k3s.service'],
  [
    { op: 'restart-unit', unit: 'k3s.service', when: 'always', why: 'changed: /etc/a' },
    'told systemd to restart k3s.service (changed: /etc/a)',
  ],
  [
    { op: 'restart-unit', unit: 'k3s.service', when: 'value-changed', why: 't is re-encrypted' },
    'told systemd to restart k3s.service because a secret had another value (t is re-encrypted)',
  ],
  [
    { op: 'switch-system', why: 'its sources changed', secrets: [], diff: ['+ x'] },
    'built its system and switched to it (its sources changed)\n    + x',
  ],
  [
    { op: 'finish-deploy', unit: 'k3s.service' },
    'checked that k3s.service is healthy (the last deploy stopped before it could)',
  ],
])('what deploy tells is in the past: %o', (operation, text) =>
  expect(printed([{ event: 'operation', host: 'a', operation }])).toEqual(`a: ${text}`.split('\n')),
)

it.each<[ObjectOperation, string]>([
  [
    { op: 'apply-object', kind: 'ClusterRole', name: 'r', why: 'differs', fields: ['rules'] },
    'applied ClusterRole r (it differed in rules)',
  ],
  [{ op: 'remove-object', kind: 'ClusterRole', name: 'r' }, 'removed ClusterRole r (no longer in the inventory)'],
  [{ op: 'see-objects' }, "checked keel's objects in the API"],
])('so is what it tells of the API: %o', (operation, text) =>
  expect(printed([{ event: 'object', host: 'a', operation }])).toEqual([`a: ${text}`]),
)
