import { expect, test } from 'vitest'
import { logTo } from '../../../src/agent/log.ts'
import type { Client } from '../../../src/agent/server/client.ts'
import { RequestLog } from '../../../src/agent/server/request-log.ts'

const viewer: Client = { name: 'ada', role: 'viewer', ends: 0 }
const nobody: Client = { name: 'eve', ends: 0 }
const operator: Client = { name: 'bob', role: 'operator', ends: 0 }

test('attack 6: a client that may only look can’t fill the journal; what operators do is all there', () => {
  let text = ''
  const requests = new RequestLog(logTo({ write: (line) => (text += line) }, 'info'))
  for (let request = 0; request < 1000; request++) {
    const now = request * 10
    requests.tell(viewer, 'GET /v1/health', 200, now)
    requests.tell(viewer, 'POST /v1/reboot', 403, now)
    requests.tell(nobody, 'GET /v1/health', 403, now)
    requests.tell(viewer, 'GET /x', 404, now)
  }
  requests.tell(operator, 'POST /v1/reboot', 202, 20_000)
  requests.tell(operator, 'GET /x', 404, 20_000)
  requests.tell(viewer, 'GET /y', 404, 60_000)
  expect(text).toBe(
    [
      '<6>viewer ada: POST /v1/reboot 403',
      '<6>viewer ada: GET /x 404',
      '<6>operator bob: POST /v1/reboot 202',
      '<6>operator bob: GET /x 404',
      '<6>viewer ada: GET /y 404, after 999 more with 404',
      '',
    ].join('\n'),
  )
})
