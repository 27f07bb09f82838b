import { noticedUnits } from '../../src/agent/events/notice.ts'
import { boundedLines } from '../../src/agent/helper/bounded-lines.ts'
import { journalLine } from '../../src/agent/journal/line-of.ts'
import { driftOf } from '../../src/agent/routes/drift.ts'
import { generationOf } from '../../src/agent/routes/generation.ts'
import { nodeOf } from '../../src/agent/routes/kubernetes.ts'
import { json } from '../../src/agent/server/answer.ts'
import { decide } from '../../src/agent/server/decide.ts'
import type { Route } from '../../src/agent/server/route.ts'
import { isReadable, isRestartable, unitStates } from '../../src/agent/services/unit-states.ts'
import type { Random } from './random.ts'
import type { Targets } from './target.ts'

/** What clients ask the keel-agent, and what its helper answers it: whatever it is, it is decided. */
export const agentTargets: Targets = [
  ['requests to the keel-agent', 60, request],
  ['answers of its helper', 40, helperAnswer],
]

const route = (method: 'GET' | 'POST', path: string, query?: Route['query']): Route => ({
  method,
  path,
  role: method === 'GET' ? 'viewer' : 'operator',
  answer: () => json({}),
  ...(query === undefined ? {} : { query }),
})
const routes = [
  route('GET', '/v1/health'),
  route('GET', '/v1/services'),
  route('GET', '/v1/services/UNIT/journal', ['since', 'lines', 'follow']),
  route('GET', '/v1/events', ['since', 'follow']),
  route('POST', '/v1/services/UNIT/restart', []),
  route('POST', '/v1/reboot', []),
]

const words = [
  ...['/', '/v1', '/v1/health', '/v1/services', '/v1/services/', '/journal', '/restart', '/v1/reboot', '/v1/events'],
  ...['k3s.service', '../../x', '-f', ';reboot', '%2f', '%00', '..', 'UNIT', '\u0000', '\ud800', 'é', '__proto__'],
  ...['?', '&', '=', 'since=', 'lines=', 'follow=', '1', '0', '-1', '1e9', '99999', '10001', ' ', '+', '#'],
]
const text = (random: Random, of: readonly string[], most: number) =>
  Array.from({ length: random.below(most) }, () => random.pick(of)).join('')

function request(random: Random): void {
  const role = random.pick(['viewer', 'operator', undefined] as const)
  const asked = {
    method: random.pick(['GET', 'HEAD', 'POST', 'PUT', 'get', '', '__proto__']),
    url: text(random, words, 8),
    hasBody: random.chance(10),
    isExpired: random.chance(10),
    isOfPage: random.chance(10),
    ...(role === undefined ? {} : { role }),
  }
  const found = decide(routes, asked)
  if ('status' in found) {
    JSON.parse(found.body)
    return
  }
  const { unit, query } = found.request
  if (found.route.role === 'operator' && role !== 'operator') throw new Error('a viewer may act')
  if (asked.hasBody || asked.isExpired || asked.isOfPage) throw new Error('it should have been refused')
  if ((isReadable(unit) || isRestartable(unit)) && !/^[a-z0-9-]+\.(service|socket|timer)$/.test(unit))
    throw new Error(`${unit} would get to the helper`)
  if (!/^\d+ \d+$/.test(`${query.since ?? 0} ${query.lines ?? 0}`)) throw new Error('a number is none')
}

const answers = [
  ...['Id=k3s.service', 'LoadState=loaded', 'ActiveState=failed', 'StateChangeTimestamp=@99999999999', 'NRestarts=1'],
  ...['differs\tmode\t/etc/x', 'known', 'compared\t3', 'generation\ta', 'deployed\t99999999999', 'keel\t1', 'Etcd=yes'],
  ...[
    '{"__REALTIME_TIMESTAMP":"99999999999999999",',
    '"MESSAGE":"a\\u0000',
    '"MESSAGE":[1,2',
    '"PRIORITY":"3"',
    '}',
    '"',
  ],
  ...['\n', '\n\n', '\r', '\u001b[31m', '=', '\t', '\0', '\ud800', 'x'.repeat(300)],
]

async function helperAnswer(random: Random): Promise<void> {
  const bytes = Buffer.from(text(random, answers, 30))
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.below(40)
      yield bytes.subarray(at, end)
      at = end
    }
  })()
  const lines: string[] = []
  for await (const line of boundedLines(chunks, 200)) {
    if (Buffer.byteLength(line.text) > 606) throw new Error('a line is longer than it may be')
    lines.push(line.text)
    JSON.stringify(journalLine(line, 'k3s.service') ?? {})
  }
  noticedUnits(new Set(), unitStates(lines))
  for (const found of [driftOf(lines), generationOf(lines), nodeOf(lines)])
    if (/[\0-\u001f]/.test(JSON.stringify(found).replaceAll(/\\u00[01][0-9a-f]/g, ''))) throw new Error('no JSON')
}
