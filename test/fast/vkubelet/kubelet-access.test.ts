import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Asking,
  api,
  apiServer,
  ask,
  clientCa,
  node,
  raw,
  reached,
  serveAnswers,
  upgradeOf,
} from '../../support/vkubelet/answering-server.ts'
import { ClusterCa } from '../../support/vkubelet/cluster-ca.ts'

beforeEach(serveAnswers)

describe('who may ask', () => {
  test('the API server', async () => {
    expect(await ask('/healthz', { as: apiServer })).toEqual({ status: 200, body: 'health\n' })
    expect(await ask('/pods', { as: apiServer })).toEqual({ status: 200, body: 'pods\n' })
  })

  test('a program with a token, as far as it was granted', async () => {
    expect(await ask('/metrics/resource', { token: 'sesame' })).toMatchObject({ status: 200 })
    expect(await ask('/stats/summary', { token: 'sesame' })).toMatchObject({ status: 200 })
    expect(await ask('/pods', { token: 'sesame' })).toMatchObject({ status: 403 })
  })

  test.each<[string, Asking, number]>([
    ['nobody', {}, 401],
    ['a wrong token', { token: 'wrong' }, 401],
    ['a Node, whose certificate is of the same CA', { as: node }, 403],
    ['a certificate of another CA', { as: new ClusterCa().apiServer() }, 401],
    [
      'a certificate of two names',
      {
        as: clientCa.issue({
          subject: [
            ['CN', 'a'],
            ['CN', 'system:apiserver'],
            ['O', 'system:masters'],
          ],
          purpose: 'client',
        }),
      },
      401,
    ],
    [
      'a certificate without a name',
      { as: clientCa.issue({ subject: [['O', 'system:masters']], purpose: 'client' }) },
      401,
    ],
    [
      'a certificate for servers',
      {
        as: clientCa.issue({
          subject: [
            ['CN', 'x'],
            ['O', 'system:masters'],
          ],
          purpose: 'server',
        }),
      },
      401,
    ],
  ])('not %s', async (_who, asking, status) => {
    for (const path of ['/pods', '/metrics', '/containerLogs/default/web/main', '/no/such/path'])
      expect((await ask(path, asking)).status).toBe(status)
    const exec = '/exec/default/web/main?command=id&output=1'
    for (const bytes of [upgradeOf(exec), upgradeOf(exec, 'websocket', 'GET')])
      expect(await raw(asking, bytes)).toContain(`HTTP/1.1 ${status} `)
    expect(reached).toEqual([])
  })

  test('the words of a refusal are what an administrator has to grant', async () => {
    const { body } = await ask('/pods', { as: node })
    expect(body).toBe('Forbidden (user="system:node:maia", verb=get, resource=nodes, subresource=proxy)\n')
  })

  test('nobody, while the API server does not say', async () => {
    api.isDown = true
    expect((await ask('/pods', { as: apiServer })).status).toBe(503)
    api.isDown = false
    expect((await ask('/pods', { as: apiServer })).status).toBe(200)
  })

  test('the API server is asked once for a while', async () => {
    for (let index = 0; index < 3; index++) await ask('/pods', { as: apiServer })
    expect(api.asked.map(({ kind }) => kind)).toEqual(['SubjectAccessReview'])
  })
})
