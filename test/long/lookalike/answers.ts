import { expect } from 'vitest'
import { type Asked, ask } from './answer.ts'
import { type Cluster, fact } from './cluster.ts'
import { founded } from './states.ts'

const api = ['/readyz', '/livez', '/healthz', '/version']
const agentPaths = ['/v1-k3s/readyz', '/v1-k3s/config', '/v1-k3s/apiservers']

/** The table of who gets what from port 6443. */
export function answers(get: () => Cluster): void {
  const begin = () => founded(get())
  const rows: readonly [who: string, asked: () => Promise<Asked>, api: number, agent: number, bootstrap: number][] = [
    ['nobody', async () => ({}), 401, 403, 403],
    ['the admin’s client certificate', adminCertificate, 200, 403, 403],
    ['basic auth node:<agent password>', async () => ({ as: `node:${get().agentPassword}` }), 401, 200, 403],
    ['basic auth server:<password>', async () => ({ as: `server:${get().serverPassword}` }), 401, 403, 200],
  ]
  async function adminCertificate(): Promise<Asked> {
    const file = (name: string) => get().one.ok(`cat /var/lib/rancher/k3s/server/tls/client-admin.${name}`)
    return { certificate: { cert: await file('crt'), key: await file('key') } }
  }
  for (const [who, asked, ofApi, ofAgent, ofBootstrap] of rows) {
    fact(
      `${who}: API ${ofApi}, ping and cacerts 200, an agent’s paths ${ofAgent}, all CA keys ${ofBootstrap}`,
      begin,
      async () => {
        const request = await asked()
        const code = async (path: string) => [path, (await ask(get().one.ip, path, request)).code] as const
        const paths = [...api, '/ping', '/cacerts', ...agentPaths, '/v1-k3s/server-bootstrap']
        const want = (path: string) =>
          api.includes(path)
            ? ofApi
            : agentPaths.includes(path)
              ? ofAgent
              : path === '/v1-k3s/server-bootstrap'
                ? ofBootstrap
                : 200
        expect(Object.fromEntries(await Promise.all(paths.map(code)))).toEqual(
          Object.fromEntries(paths.map((path) => [path, want(path)])),
        )
      },
    )
  }

  fact('ping says pong, and a token is not for nobody to rotate', begin, async () => {
    const { one, agentPassword } = get()
    expect((await ask(one.ip, '/ping')).body).toBe('pong')
    const rotate: Asked = { method: 'PUT', body: '{"newToken":"x"}' }
    expect((await ask(one.ip, '/v1-k3s/token', rotate)).code).toBe(403)
    expect((await ask(one.ip, '/v1-k3s/token', { ...rotate, as: `node:${agentPassword}` })).code).toBe(403)
  })

  fact('with an agent token of its own, the server’s is not an agent’s', begin, async () => {
    const { one, serverPassword, agentPassword } = get()
    expect((await ask(one.ip, '/v1-k3s/config', { as: `node:${serverPassword}` })).code).toBe(401)
    expect((await ask(one.ip, '/v1-k3s/server-bootstrap', { as: `server:${agentPassword}` })).code).toBe(401)
  })
}
