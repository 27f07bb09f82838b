import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type { endSchema, statusSchema } from '../../../scripts/schema/status-schema.ts'
import { KeelError } from '../../../src/errors.ts'
import type { ClusterStatus } from '../../../src/status/cluster/cluster-status.ts'
import { statusOf } from '../../../src/status/cluster/status-of.ts'
import type { EndEvent, Timed } from '../../../src/ui/run/lines.ts'
import { type Changes, seenCluster } from '../../support/samples/seen-cluster.ts'

// tsc judges this when it compiles the tests
type Described = z.input<typeof statusSchema>
expectTypeOf<keyof ClusterStatus>().toEqualTypeOf<keyof Described>()
expectTypeOf<keyof ClusterStatus['hosts'][number]>().toEqualTypeOf<keyof Described['hosts'][number]>()
expectTypeOf<z.input<typeof endSchema>>().toExtend<Timed & EndEvent>()
expectTypeOf<Timed & EndEvent>().toExtend<z.input<typeof endSchema>>()

const schema = JSON.parse(readFileSync(new URL('../../../schema/status.json', import.meta.url), 'utf8'))
const validate = new Ajv({ allErrors: true, formats: { 'date-time': true } }).compile(schema)

test.each<[string, Changes]>([
  ['all is well', {}],
  ['nobody tells of the cluster', { isDeaf: true, answers: { ocean: { kind: 'asking' } } }],
  [
    'a host is off',
    { answers: { maia: { kind: 'silent', fault: new KeelError({ code: 'a', at: 'maia', found: 'b' }) } } },
  ],
  ['without etcd', { etcd: null, nodes: { maia: null } }],
])('schema/status.json takes it: %s', (_what, changes) => {
  validate(JSON.parse(JSON.stringify(statusOf(seenCluster(changes)))))
  expect(validate.errors).toBeNull()
})

test('and nothing else', () => {
  expect(validate({ ...statusOf(seenCluster()), more: 1 })).toBe(false)
})
