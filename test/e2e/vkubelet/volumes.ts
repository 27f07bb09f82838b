import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, podOf, scriptOf } from '../../support/vkubelet/farm-node.ts'

/** Volumes and tokens of a real API server, for users that systemd makes. */
export function volumeTests(farm: () => FarmNode): void {
  describe('the volumes of a Pod', () => {
    const settings = (a: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings-1.2' },
      data: { a },
    })
    const left = () =>
      farm()
        .host()
        .sh(
          'ls /run/keel-vkubelet/pods /var/lib/keel-vkubelet/pods /var/lib/keel-pods /var/lib/private/keel-pods /run/keel-pods 2>/dev/null | grep -E "^[0-9a-f]{8}-" || true; grep -c keel-vkubelet/pods /proc/self/mountinfo || true',
        )

    test('the token that Kubernetes adds works, and new contents come while it runs', async () => {
      const script =
        'cp -rL /var/run/secrets/kubernetes.io/serviceaccount /srv/account; until grep -q two /data/a; do sleep 0.2; done; touch /srv/updated; exec sleep 3600'
      const spec = { automountServiceAccountToken: true, volumes: [{ name: 'v', configMap: { name: 'settings-1.2' } }] }
      const volumeMounts = [{ name: 'v', mountPath: '/data' }]
      await farm().apply(podOf('account', { spec, container: { ...scriptOf(script), volumeMounts } }))
      const waiting = await until('it waits for the configMap', async () => {
        const [status] = (await farm().read('account')).status.containerStatuses ?? []
        return status?.state.waiting
      })
      expect(waiting).toMatchObject({
        reason: 'ContainerCreating',
        message: expect.stringContaining('settings-1.2 does not exist'),
      })
      await farm().apply(settings('one'))
      await farm().waitFor('account', 'condition=Ready')
      await until('it has copied', async () => (await farm().host().sh('ls /srv/account || true')).includes('token'))
      expect((await farm().host().sh('ls /srv/account')).trim().split('\n').toSorted()).toEqual([
        'ca.crt',
        'namespace',
        'token',
      ])
      const told = await farm()
        .host()
        .sh(
          'k3s kubectl --kubeconfig /dev/null --server https://127.0.0.1:6443 --certificate-authority /srv/account/ca.crt --token "$(cat /srv/account/token)" auth whoami -o jsonpath="{.status.userInfo.username}"',
        )
      expect(told.trim()).toBe('system:serviceaccount:default:default')
      await farm().apply(settings('two'))
      await until('it sees the new contents', async () => (await farm().host().sh('ls /srv')).includes('updated'))
      await farm().cluster.kubectl('delete', 'pod', 'account')
      await until('nothing is left', async () => (await left()).trim() === '0')
    })

    test('are for its user, with its group, and go with it', async () => {
      const script = `{ id -u; for place in /disk /memory $STATE_DIRECTORY $CACHE_DIRECTORY $LOGS_DIRECTORY $RUNTIME_DIRECTORY; do echo kept > $place/file && cat $place/file; done
  stat -L -c '%a %u %g' /var/run/secrets/kubernetes.io/serviceaccount/token; head -c1 /var/run/secrets/kubernetes.io/serviceaccount/token | wc -c
  head -c 2000000 /dev/zero > /memory/big 2> /dev/null || echo full; } > /disk/out 2>&1; exec sleep 3600`
      const spec = {
        automountServiceAccountToken: true,
        securityContext: { runAsUser: 4321, fsGroup: 5432 },
        volumes: [
          { name: 'disk', emptyDir: {} },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
      }
      const volumeMounts = [
        { name: 'disk', mountPath: '/disk' },
        { name: 'memory', mountPath: '/memory' },
      ]
      await farm().apply(podOf('owned', { spec, container: { ...scriptOf(script), volumeMounts } }))
      await farm().waitFor('owned', 'condition=Ready')
      const { uid } = (await farm().read('owned')).metadata
      const out = `/var/lib/keel-vkubelet/pods/${uid}/volumes/disk/out`
      const told = await until('it has told', async () => {
        const text = await farm().host().sh(`cat ${out} 2>/dev/null || true`)
        return text.includes('full') ? text : undefined
      })
      expect(told).toBe(['4321', ...Array(6).fill('kept'), '640 4321 5432', '1', 'full'].join('\n'))
      expect((await farm().host().sh(`stat -c '%a %u %g' ${out}`)).trim()).toMatch(/ 4321 5432$/)
      await farm().cluster.kubectl('delete', 'pod', 'owned')
      await until('nothing is left', async () => (await left()).trim() === '0')
    })
  })
}
