import { expect } from 'vitest'
import type { Own } from './alone.ts'
import { type Asked, ask } from './answer.ts'
import { factBeside as fact } from './cluster.ts'
import { agentJoined } from './states.ts'

const path = '/v1-k3s/client-kubelet.crt'
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/

/** How a node gets its kubelet's certificates, by its token and by the certificate that it has. */
export function credentials({ cluster: get, anew }: Own): void {
  const begin = async () => {
    await anew()
    await agentJoined(get())
  }
  /** A request as DER, by a key of its own; its subject and names are those that it must not get. */
  const request = async () => {
    const names = '-subj /O=system:masters/CN=somebody -addext subjectAltName=DNS:somebody'
    const made = `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /root/kubelet.key ${names} -outform DER | base64 -w0`
    return Buffer.from(await get().agent.ok(made), 'base64')
  }
  const pem = (der: Buffer) =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE REQUEST-----\n`
  const headers = (node: string, password: string) => ({
    'K3s-Node-Name': node,
    'K3s-Node-Password': password,
    'K3s-Node-IP': '10.9.9.9',
  })
  const byToken = (node: string, password: string, asked: Asked = {}): Asked => ({
    method: 'POST',
    as: `node:${get().agentPassword}`,
    headers: headers(node, password),
    ...asked,
  })
  const shown = (certificate: string, what: string) =>
    get().agent.ok(`openssl x509 -noout ${what} <<'END'\n${certificate}\nEND`)

  fact(
    'a kubelet’s certificates: a request as DER, whose subject and names do not count; the node’s name is lower-case',
    begin,
    async () => {
      const { one } = get()
      const body = await request()
      const client = await ask(one.ip, path, byToken('PAPER-1', '1'.repeat(32), { body }))
      expect([client.code, client.body.match(/BEGIN CERTIFICATE/g)?.length, privateKey.test(client.body)]).toEqual([
        200,
        2,
        false,
      ])
      expect(await shown(client.body, '-subject')).toMatch(/O = system:nodes, CN = system:node:paper-1$/)
      const serving = await ask(one.ip, '/v1-k3s/serving-kubelet.crt', byToken('paper-1', '1'.repeat(32), { body }))
      const names = await shown(serving.body, '-subject -ext subjectAltName')
      expect(names).toMatch(/CN = paper-1\n/)
      for (const name of ['DNS:paper-1', 'DNS:localhost', 'IP Address:127.0.0.1', 'IP Address:10.9.9.9'])
        expect(names).toContain(name)
      expect(names).not.toContain('somebody')
    },
  )

  fact('a node’s password: none 400, another 403', begin, async () => {
    const { one } = get()
    const body = await request()
    const code = async (password: string) => (await ask(one.ip, path, byToken('paper-2', password, { body }))).code
    expect([await code('2'.repeat(32)), await code('3'.repeat(32)), await code('')]).toEqual([200, 403, 400])
  })

  fact('without DER, by PEM or by GET, a caller gets a private key that all such callers share', begin, async () => {
    const { one } = get()
    const keys = []
    for (const [node, asked] of [
      ['paper-3', { body: pem(await request()) }],
      ['paper-4', { method: 'GET' }],
    ] as const) {
      const { code, body } = await ask(one.ip, path, byToken(node, '4'.repeat(32), asked))
      expect(code).toBe(200)
      keys.push(privateKey.exec(body)?.[0] ?? expect.unreachable(body))
    }
    expect(keys[1]).toBe(keys[0])
  })

  fact(
    'a renewal by the node’s own certificate: 200, for another name 400, and 401 once its Node is gone',
    begin,
    async () => {
      const { one, agent } = get()
      const file = (name: string) => agent.ok(`cat /var/lib/rancher/k3s/agent/client-kubelet.${name}`)
      const certificate = { cert: await file('crt'), key: await file('key') }
      const password = await agent.ok('cat /etc/rancher/node/password')
      const body = await request()
      const renew = async (node: string) =>
        (await ask(one.ip, path, { method: 'POST', certificate, headers: headers(node, password), body })).code
      expect([await renew('agent-1'), await renew('paper-5')]).toEqual([200, 400])
      // a kubelet that runs would register again
      await agent.ok('systemctl stop k3s-agent')
      await one.ok('k3s kubectl delete node agent-1')
      expect(await renew('agent-1')).toBe(401)
      await agent.start('agent')
    },
  )
}
