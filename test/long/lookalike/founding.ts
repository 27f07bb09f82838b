import { expect } from 'vitest'
import { ask } from './answer.ts'
import { agentToken, type Cluster, fact, measured, serverToken, tokenFiles } from './cluster.ts'
import { within } from './host.ts'
import { blank, placeCa } from './states.ts'

const dir = '/var/lib/rancher/k3s/server'
const manifest =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: from-manifest }\ndata: { a: b }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: from-manifest }\n'

/** The first server: a CA placed beforehand, tokens in files, and what it leaves on its disk. */
export function founding(get: () => Cluster): void {
  const first = async () => {
    const c = get()
    c.ca = await placeCa(c.one)
    await c.one.ok(`install -d -m 0700 ${dir}/manifests`)
    await c.one.write(`${dir}/manifests/early.yaml`, manifest)
    // the first server never checks the hash of its own token, and trailing newlines do not count
    await c.one.write('/etc/rancher/k3s/server-token', `K10${'0'.repeat(64)}::server:${c.serverPassword}\n\n`)
    await c.one.write('/etc/rancher/k3s/agent-token', `${agentToken(c)}\n`)
    await c.one.config('server', {
      'cluster-init': true,
      ...tokenFiles,
      'tls-san': ['a.example'],
    })
    await c.one.write('/etc/rancher/k3s/config.yaml.d/10-more.yaml', '"tls-san+": [b.example]\n')
    measured['first server READY'] = await c.one.start()
  }
  const anew = async () => {
    await blank(get())
    await first()
  }

  fact(
    'a CA placed before the first start is enough to know the hash of the token, and is kept',
    () => blank(get()),
    async () => {
      await first()
      const c = get()
      expect((await ask(c.one.ip, '/cacerts')).body).toBe(c.ca)
      expect(
        await c.one.ok(
          `ls ${dir}/tls/client-ca.key ${dir}/tls/request-header-ca.key ${dir}/tls/etcd/{server,peer}-ca.key | wc -l`,
        ),
      ).toBe('4')
    },
  )

  fact('server/token holds the real hash, agent-token the agents’, each stripped to its password', anew, async () => {
    const c = get()
    expect(await c.one.ok(`cat ${dir}/token`)).toBe(serverToken(c))
    expect(await c.one.ok(`cat ${dir}/agent-token`)).toBe(agentToken(c))
    expect(await c.one.ok(`readlink ${dir}/node-token`)).toMatch(/token$/)
    expect(await c.one.ok(`cat ${dir}/cred/passwd`)).toContain(`${c.agentPassword},node,`)
  })

  fact('secrets are 0600, their directories 0700', anew, async () => {
    const c = get()
    const files = `${dir}/token ${dir}/agent-token ${dir}/cred/* $(find ${dir}/tls -name '*.key') /etc/rancher/k3s/k3s.yaml`
    expect(await c.one.ok(`stat -L -c %a ${files} | sort -u`)).toBe('600')
    expect(await c.one.ok(`stat -c %a ${dir} ${dir}/tls ${dir}/cred ${dir}/db | sort -u`)).toBe('700')
  })

  fact('config.yaml.d comes after config.yaml, and `key+` appends', anew, async () => {
    const { names } = await ask(get().one.ip, '/ping')
    expect(names).toMatch(/a\.example.*b\.example/)
  })

  fact('manifests arrive', anew, async () => {
    const { one } = get()
    await one.write(`${dir}/manifests/late.yaml`, manifest.replaceAll('from-manifest', 'late'))
    const here = () =>
      one.run('k3s kubectl get configmap/from-manifest namespace/from-manifest configmap/late namespace/late')
    await within(40, async () => (await here()).code === 0)
  })

  fact('the node is there, with the roles, and no token in its annotations', anew, async () => {
    const { one, serverPassword, agentPassword } = get()
    const node = await within(20, async () => {
      const { code, out } = await one.run('k3s kubectl get node server-1 -o json')
      return code === 0 && out.includes('k3s.io/node-args') && out.includes('node-role.kubernetes.io/etcd') && out
    })
    expect(node).toContain('node-role.kubernetes.io/control-plane')
    expect(node).not.toContain(serverPassword)
    expect(node).not.toContain(agentPassword)
  })

  fact(
    'an unknown flag ends a server, and a key of its file that is none is skipped; an agent takes neither',
    anew,
    async () => {
      const { one } = get()
      const undefinedFlag = { code: 1, out: expect.stringContaining('flag provided but not defined: -nonsense') }
      expect(await one.run('k3s server --nonsense')).toMatchObject(undefinedFlag)
      await one.config('agent', { nonsense: 1 }, '/root/nonsense.yaml')
      expect(await one.run('k3s agent --config /root/nonsense.yaml')).toMatchObject(undefinedFlag)
      // with files of its own: on the server's it would go on as far as to change them (joining: `k3s server` by hand)
      const own = { 'data-dir': '/root/nonsense', 'write-kubeconfig': '/root/nonsense/k3s.yaml' }
      await one.config('server', { nonsense: 1, ...own }, '/root/nonsense.yaml')
      const { code, out } = await one.run(
        'timeout 60 k3s server --config /root/nonsense.yaml; code=$?; rm -rf /root/nonsense; exit $code',
      )
      expect({ code, out }).toEqual({
        code: 1,
        out: expect.stringContaining('Unknown flag --nonsense found in config.yaml, skipping'),
      })
      expect(out).toContain('address already in use')
    },
  )

  fact('`etcd-snapshot` skips the server’s keys', anew, async () => {
    expect(await get().one.run('k3s etcd-snapshot ls')).toMatchObject({ code: 0 })
  })
}
