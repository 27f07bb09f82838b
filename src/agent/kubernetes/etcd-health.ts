import { get } from 'node:http'
import * as z from 'zod'
import { systemCode } from '../../errors.ts'
import { jsonText } from '../../model/text/json-text.ts'
import type { HealthCheck } from './health-check.ts'

/** Where etcd tells without encryption how it is, on loopback (etcd.io/docs/v3.6/op-guide/monitoring; docs/k3s.md). */
const USUAL = 'http://127.0.0.1:2381/health'
const LONGEST = 3_000
/** Bytes: `{"health":"true","reason":""}`. */
const MOST = 4096

const answer = jsonText.pipe(z.object({ health: z.string() }))

/** Whether the member of etcd on this host is healthy, by its own word. */
export async function etcdHealth(url = USUAL): Promise<HealthCheck> {
  return new Promise((resolve) => {
    const failed = (detail: string) => resolve({ ok: false, detail })
    const asked = get(url, { agent: false, signal: AbortSignal.timeout(LONGEST) }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > MOST) asked.destroy()
      })
      response.on('error', () => failed('etcd broke off its answer'))
      response.on('close', () => failed('etcd answers something else'))
      response.on('end', () => {
        const health = answer.safeParse(text).data?.health
        resolve({ ok: health === 'true', detail: health === 'true' ? 'healthy' : 'etcd says that it is not healthy' })
      })
    })
    asked.on('error', (error) => failed(`etcd does not answer (${systemCode(error)})`))
    asked.on('upgrade', (_response, socket) => socket.destroy())
    asked.on('close', () => failed('etcd does not answer'))
  })
}
