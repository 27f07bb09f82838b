import { expect } from 'vitest'
import type { Own } from './alone.ts'
import { factBeside as fact, measured } from './cluster.ts'
import { within } from './host.ts'
import { agentJoined } from './states.ts'

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      tolerations: [{ operator: Exists }]
      nodeName: NODE
      containers: [{ name: web, image: 'localhost/tiny:1', imagePullPolicy: Never, args: [serve, ':8080'] }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 2, selector: { matchLabels: { app: web } } }
`

/** Kubernetes inside is the real one: a proof each of what keel relies on. */
export function kubernetes({ cluster: get, anew }: Own): void {
  const begin = async () => {
    await anew()
    await agentJoined(get())
  }
  const kubectl = (args: string, input = '') => get().one.run(`k3s kubectl ${args} <<'END'\n${input}\nEND`)

  const deploy = async () => {
    expect(await kubectl('apply -f -', web.replace('NODE', 'agent-1'))).toMatchObject({ code: 0 })
    await within(60, async () => (await kubectl('get deployment web -o jsonpath={.status.readyReplicas}')).out === '2')
  }
  const joesCertificate = async () => {
    const { one } = get()
    await one.ok(
      'openssl req -new -newkey rsa:2048 -nodes -keyout /root/joe.key -subj /O=people/CN=joe -out /root/joe.csr',
    )
    const request = await one.ok('base64 -w0 /root/joe.csr')
    const object = `{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: joe}, spec: {request: ${request}, signerName: kubernetes.io/kube-apiserver-client, expirationSeconds: 3600, usages: [client auth]}}`
    expect(await kubectl('apply -f -', object)).toMatchObject({ code: 0 })
    expect(await kubectl('certificate approve joe')).toMatchObject({ code: 0 })
    const issued = await within(10, async () => (await kubectl('get csr joe -o jsonpath={.status.certificate}')).out)
    await one.write('/root/joe.crt', Buffer.from(issued, 'base64'))
  }

  fact('Pods run, their logs are read, commands run in them', begin, async () => {
    const started = performance.now()
    await deploy()
    measured['2 Pods ready'] = (performance.now() - started) / 1000
    expect((await kubectl('exec deployment/web -- /tiny echo hello')).out).toContain('hello')
    expect(
      await kubectl('run once --image=localhost/tiny:1 --image-pull-policy=Never --restart=Never -- echo written'),
    ).toMatchObject({ code: 0 })
    await within(30, async () => (await kubectl('logs once')).out.includes('written'))
  })

  fact(
    'drain honours a PodDisruptionBudget',
    async () => {
      await begin()
      await deploy()
    },
    async () => {
      const refused = await kubectl('drain agent-1 --ignore-daemonsets --force --timeout=3s')
      expect(refused.code).toBe(1)
      expect(refused.out).toContain("violate the pod's disruption budget")
      await kubectl('delete pdb web')
      // the Deployment names its node, so its Pods come back: what counts is that they were let go
      await kubectl('scale deployment web --replicas=0')
      expect(await kubectl('drain agent-1 --ignore-daemonsets --force --timeout=30s')).toMatchObject({ code: 0 })
      await kubectl('uncordon agent-1')
      await kubectl('delete deployment web')
    },
  )

  fact('certificate requests are issued once they are approved', begin, async () => {
    await joesCertificate()
    expect(await get().one.ok('openssl x509 -noout -subject -in /root/joe.crt')).toContain('CN = joe')
  })

  fact(
    "a kubelet's serving certificate is signed by the CA that the API server verifies kubelets with",
    begin,
    async () => {
      const { one } = get()
      const subject = '-subj /O=system:nodes/CN=system:node:agent-1 -addext subjectAltName=DNS:agent-1'
      await one.ok(
        `openssl req -new -newkey rsa:2048 -nodes -keyout /root/serving.key ${subject} -out /root/serving.csr`,
      )
      const request = await one.ok('base64 -w0 /root/serving.csr')
      const object = `{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: serving}, spec: {request: ${request}, signerName: kubernetes.io/kubelet-serving, usages: [digital signature, server auth]}}`
      expect(await kubectl('apply -f -', object)).toMatchObject({ code: 0 })
      expect(await kubectl('certificate approve serving')).toMatchObject({ code: 0 })
      const issued = await within(
        10,
        async () => (await kubectl('get csr serving -o jsonpath={.status.certificate}')).out,
      )
      await one.write('/root/serving.crt', Buffer.from(issued, 'base64'))
      const verify = 'openssl verify -CAfile /var/lib/rancher/k3s/server/tls/server-ca.crt /root/serving.crt'
      expect(await one.ok(verify)).toContain('OK')
    },
  )

  fact(
    'RBAC bites',
    async () => {
      await begin()
      await joesCertificate()
    },
    async () => {
      // not beside the admin's own certificate in k3s.yaml
      const asJoe =
        'KUBECONFIG=/dev/null k3s kubectl --server=https://127.0.0.1:6443 --certificate-authority=/var/lib/rancher/k3s/server/tls/server-ca.crt --client-certificate=/root/joe.crt --client-key=/root/joe.key'
      const { one } = get()
      expect((await one.run(`${asJoe} get pods`)).out).toContain('User "joe" cannot list resource "pods"')
      await kubectl('create rolebinding joe --clusterrole=view --group=people')
      await within(5, async () => (await one.run(`${asJoe} get pods`)).code === 0)
      expect((await one.run(`${asJoe} get secrets`)).out).toContain('forbidden')
    },
  )

  fact('NodeRestriction bites: a kubelet may change its own node only, and not its role', begin, async () => {
    const { one, agent } = get()
    const asKubelet = 'k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig'
    expect((await agent.run(`${asKubelet} annotate node agent-1 x=y`)).code).toBe(0)
    expect((await agent.run(`${asKubelet} annotate node ${one.name} x=y`)).out).toContain('Forbidden')
    expect((await agent.run(`${asKubelet} label node agent-1 node-role.kubernetes.io/worker=`)).out).toContain(
      'is not allowed to modify labels',
    )
  })
}
