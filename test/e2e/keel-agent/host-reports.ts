import { generateKeyPairSync } from 'node:crypto'
import { request } from 'node:https'
import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'
import { validFor } from '../../support/keel/valid-output.ts'
import { listens } from '../../support/lab/keel-agent.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

interface Client {
  readonly cert: string
  readonly key: string
}
interface Reply {
  readonly status: number
  readonly body: string
}

/** The keel-agents of hosts, their helper under the real systemd, and clients of keel's CA. The last story reboots agent-1. */
export function hostReports(get: () => LabCluster, hosts: readonly string[]): void {
  let ca: { readonly certificate: string; readonly key: string }
  let viewer: Client
  let operator: Client

  function clientOf(organization: string, name: string): Client {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [from, to] = [Date.now() - 60_000, Date.now() + 3_600_000]
    const subject = [
      ['O', organization],
      ['CN', name],
    ] as const
    const cert = issueCertificate(ca, { publicKey, subject, purpose: 'client', from, to })
    return { cert, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() }
  }

  function ask(host: string, path: string, client = viewer, method = 'GET'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const options = {
        host: get().host(host).described.nodeIP,
        port: 50_051,
        path,
        method,
        ...client,
        ca: ca.certificate,
        agent: false,
        // a host that went down in the middle never says so
        signal: AbortSignal.timeout(60_000),
      }
      // the name of the node is what counts here, not the address at which the lab has it
      const asked = request(
        { ...options, checkServerIdentity: () => undefined, rejectUnauthorized: false },
        (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text
          })
          response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        },
      )
      asked.on('error', reject).end()
    })
  }
  const json = async (host: string, path: string) => {
    const { status, body } = await ask(host, path)
    expect(`${status} ${body}`).toMatch(/^200 /)
    const found = JSON.parse(body)
    validFor(`agent-v1/${path.split('/')[2]}`, found)
    return found
  }
  const linesOf = ({ body }: Reply) =>
    body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

  beforeAll(async () => {
    const { stdout } = await execa('age', [
      '-d',
      '-i',
      `${get().home}/.ssh/id_ed25519`,
      `${get().inventory}/secrets/keel-agent-ca-key.age`,
    ])
    ca = { certificate: await get().host('server-1').sh('cat /etc/keel/agent-ca.crt'), key: stdout }
    viewer = clientOf('keel:viewers', 'ada')
    operator = clientOf('keel:operators', 'bob')
  })

  test('units, as systemd has them', async () => {
    for (const name of hosts) {
      const { services } = await json(name, '/v1/services')
      const unit = services.find((one: { unit: string }) => one.unit === get().host(name).k3sUnit)
      expect(unit).toMatchObject({ active: 'active', sub: 'running', enabled: 'enabled', restart: true })
      expect(Math.abs(Date.parse(unit.since) - Date.now())).toBeLessThan(600_000)
      expect(services.filter(({ active }: { active: string }) => active === 'failed')).toEqual([])
    }
  })

  test('a unit that fails is an event within 40 s, and so is its recovery', async () => {
    const host = get().host('agent-1')
    const about = 'keel-test-fails.service'
    const events = async () =>
      linesOf(await ask('agent-1', '/v1/events')).flatMap((one) => (one.about === about ? [one.kind] : []))
    await host.sh(`systemd-run --quiet --unit=${about} false`)
    const failed = performance.now()
    await until('it is seen', async () => (await events()).includes('unit-failed'), 40, 500)
    console.log(`a failed unit is an event after ${((performance.now() - failed) / 1000).toFixed(1)} s`)
    await host.sh(`systemctl reset-failed ${about}`)
    await until('its recovery is seen', async () => (await events()).includes('unit-recovered'), 40, 500)
    expect(await events()).toEqual(['unit-failed', 'unit-recovered'])
  })

  test('Kubernetes on each host, with the health of its API, and etcd on the server', async () => {
    const server = await json('server-1', '/v1/kubernetes')
    console.log(JSON.stringify(server))
    expect(server).toMatchObject({
      version: get().lab.k3s.version,
      service: { active: 'active' },
      api: { server: 'https://127.0.0.1:6443', live: { ok: true }, ready: { ok: true } },
      etcd: { ok: true },
    })
    const agent = await json('agent-1', '/v1/kubernetes')
    expect(agent).toMatchObject({
      version: get().lab.k3s.version,
      api: { server: 'https://127.0.0.1:6444', ready: { ok: true } },
    })
    expect(agent).not.toHaveProperty('etcd')
  })

  test('which generation it has, of which keel', async () => {
    const found = await json('server-1', '/v1/generation')
    const { stdout } = await get().keel.expect(0, 'version', '--json')
    expect(found).toMatchObject({ keel: JSON.parse(stdout).keel, restartPending: false, unconfirmed: false })
    expect(`generations/${found.generation}`).toBe(await get().host('server-1').sh('readlink /var/lib/keel/current'))
    expect(Math.abs(Date.parse(found.deployed) - Date.now())).toBeLessThan(600_000)
  })

  describe('drift', () => {
    test('is none after a deploy', async () => {
      for (const name of hosts) {
        const found = await json(name, '/v1/drift')
        expect(found).toMatchObject({ known: true, differences: [] })
        expect(found.compared).toBeGreaterThan(15)
      }
    })

    test('is what was changed by hand, as plan sees it, and gone after the next deploy', async () => {
      const config = '/etc/rancher/k3s/config.yaml'
      await get()
        .host('agent-1')
        .sh(`echo '# by hand' >> ${config}; chmod 640 /etc/keel/agent.json; rm /etc/systemd/system/keel-agent-act.socket
echo x >> /etc/credstore.encrypted/k3s-agent-token`)
      const { differences } = await json('agent-1', '/v1/drift')
      expect(differences).toEqual([
        { path: '/etc/credstore.encrypted/k3s-agent-token', kind: 'content' },
        { path: '/etc/keel/agent.json', kind: 'mode' },
        { path: config, kind: 'content' },
        { path: '/etc/systemd/system/keel-agent-act.socket', kind: 'missing' },
      ])
      await get().keel.expect(0, 'deploy')
      await until('it is gone', async () => (await ask('agent-1', '/v1/drift')).status === 200)
      expect((await json('agent-1', '/v1/drift')).differences).toEqual([])
    })
  })

  test('the journal of a unit, and what comes while it is followed', async () => {
    const lines = linesOf(await ask('server-1', '/v1/services/k3s.service/journal?lines=5'))
    for (const line of lines) validFor('agent-v1/journal', line)
    expect(lines.length).toBe(6)
    expect(lines.at(-1)).toEqual({ end: 'complete' })
    const reply = await ask('server-1', '/v1/services/cron.service/journal')
    expect(reply.status).toBe(404)
    const { nodeIP } = get().host('server-1').described
    let body = ''
    const asked = request(
      {
        host: nodeIP,
        port: 50_051,
        path: '/v1/services/keel-agent.service/journal?follow=1&lines=0',
        ...viewer,
        agent: false,
        rejectUnauthorized: false,
      },
      (response) => {
        response
          .setEncoding('utf8')
          .on('error', () => undefined)
          .on('data', (text: string) => {
            body += text
          })
      },
    )
    asked.on('error', () => undefined).end()
    const followers = () => get().host('server-1').sh('pgrep -c "^journalctl" || true')
    await until('it is followed', async () => (await followers()) !== '0', 30, 200)
    // what the helper sees meanwhile of the folder with the approver's token, which is there
    const seen = (from: string) => get().host('server-1').sh(`${from} find /run/keel-approver -mindepth 1`)
    expect(await seen('')).toContain('/credential/token')
    expect(await seen('nsenter --target "$(pgrep --oldest "^journalctl")" --mount --')).toBe('')
    await ask('server-1', '/v1/health', operator)
    await until('the line of that is there', () => body.includes('operator bob: GET /v1/health 200'))
    asked.destroy()
    await until('nobody follows any more', async () => (await followers()) === '0', 30, 200)
  })

  test('an operator restarts k3s, a viewer does not, and the agent answers meanwhile', async () => {
    const host = get().host('agent-1')
    const before = (await host.unit()).InvocationID
    expect((await ask('agent-1', '/v1/services/k3s-agent.service/restart', viewer, 'POST')).status).toBe(403)
    expect((await host.unit()).InvocationID).toBe(before)
    expect((await ask('agent-1', '/v1/services/ssh.service/restart', operator, 'POST')).status).toBe(403)
    expect((await ask('agent-1', '/v1/services/keel-vip.service/restart', operator, 'POST')).status).toBe(404)
    expect((await ask('agent-1', '/v1/services/k3s-agent.service/restart', operator, 'POST')).status).toBe(202)
    await until('it was restarted', async () => (await host.unit()).InvocationID !== before)
    expect((await ask('agent-1', '/v1/health')).status).toBe(200)
  })

  test('with k3s stopped, all but the health of the API is told', async () => {
    const host = get().host('server-1')
    await host.sh('systemctl stop k3s')
    const { service, version, api } = await json('server-1', '/v1/kubernetes')
    expect([service.active, version, api.ready.ok]).toEqual(['inactive', get().lab.k3s.version, false])
    expect((await json('server-1', '/v1/drift')).differences).toEqual([])
    await host.sh('systemctl start k3s')
  })

  test('the helper: its sockets are root’s, it leaves nothing behind, and systemd finds it closed', async () => {
    const host = get().host('server-1')
    expect(await host.sh('stat -c "%a %U %n" /run/keel-agent /run/keel-agent/*')).toBe(
      '700 root /run/keel-agent\n600 root /run/keel-agent/act.sock\n600 root /run/keel-agent/look.sock',
    )
    await expect(
      host.sh('setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "ls /run/keel-agent"'),
    ).rejects.toThrow(/denied/)
    await until(
      'none of its services is left, but the one that watches units',
      async () =>
        (await host.sh(
          'systemctl list-units --all --plain --no-legend "keel-agent-look@*" "keel-agent-act@*" | wc -l',
        )) === '1',
    )
    console.log(
      await host.sh(
        'for unit in keel-agent keel-agent-look@1 keel-agent-act@1; do systemd-analyze security --no-pager "$unit.service" 2>&1 | tail -n 1; done',
      ),
    )
    const noise = await host.sh(
      // it fails where the journal knows no such unit
      '{ journalctl --no-pager -o cat -u "keel-agent-look@*" -u "keel-agent-act@*" || true; } | sort | uniq -c | sort -rn | head -n 5',
    )
    console.log(`the helper's journal:\n${noise}`)
    console.log(await host.sh('systemctl show -p MemoryCurrent,CPUUsageNSec keel-agent'))
  })

  test('an operator reboots', async () => {
    const host = get().host('agent-1')
    const before = await host.firstProcess()
    expect((await ask('agent-1', '/v1/reboot', operator, 'POST')).status).toBe(202)
    const isAnother = async () => (await host.firstProcess().catch(() => before)) !== before
    // systemd waits up to 90 s for a unit that does not stop
    await until('it is another boot', isAnother, 200, 100)
    await until('it listens again', () => listens(host))
  }, 420_000)
}
