import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, FOLDER, NODE, PORT, podOf, scriptOf, unitOf } from '../../support/vkubelet/farm-node.ts'

/** Follows bytes that are no text, and a line that journald cuts. */
const TALKS =
  'for i in $(seq 5); do echo "line $i"; done; echo "<3>is no priority"; echo to-stderr >&2; printf "\\377\\n"; head -c 100000 /dev/zero | tr "\\0" x; echo; exec sleep 3600'
const SERVES =
  'exec perl -MIO::Socket::INET -e \'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 18080, Listen => 5); while (my $c = $s->accept) { while (<$c>) { last if /^\\s*$/ } print $c "HTTP/1.0 200 OK\\r\\n\\r\\nfrom the pod\\n"; close $c }\''
const TIGHT = {
  securityContext: {
    runAsUser: 4321,
    capabilities: { drop: ['ALL'] },
    allowPrivilegeEscalation: false,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  env: [{ name: 'GREETING', value: 'hello' }],
}

/** kubectl as people use it, through a real API server to the server of the program. */
export function kubectlTests(farm: () => FarmNode): void {
  test('the Node has joined by itself, with certificates of the cluster', async () => {
    const shown = await farm()
      .host()
      .sh(
        `openssl x509 -noout -subject -ext subjectAltName -in ${FOLDER}/serving.crt; openssl x509 -noout -subject -in ${FOLDER}/client.crt`,
      )
    expect(shown).toContain(`CN = ${NODE}`)
    expect(shown).toContain(`IP Address:${farm().host().described.nodeIP}`)
    expect(shown).toContain(`O = system:nodes, CN = system:node:${NODE}`)
  })

  test('nobody but the API server gets in', async () => {
    const ask = (more: string) =>
      farm().host().sh(`curl -sk -o /dev/null -w '%{http_code}' ${more} https://127.0.0.1:${PORT}/pods`)
    expect(await ask('')).toBe('401')
    expect(await ask("-H 'Authorization: Bearer x'")).toBe('401')
    expect(await ask(`--cert ${FOLDER}/client.crt --key ${FOLDER}/client.key`)).toBe('403')
  })

  test('four Pods run', async () => {
    await farm().apply(
      podOf('talks', { container: scriptOf(TALKS) }),
      podOf('tight', { container: { ...scriptOf('echo main > /tmp/of-main; exec sleep 3600'), ...TIGHT } }),
      podOf('serves', { container: scriptOf(SERVES) }),
      podOf('falls', { container: scriptOf('echo "run in $BASHPID"; exit 7') }),
    )
    for (const name of ['talks', 'tight', 'serves']) await farm().waitFor(name, 'condition=Ready')
  })

  describe('kubectl logs', () => {
    test('shows the lines of a container, with bytes that are no text and a long line in one piece', async () => {
      await until('all is there', async () => (await farm().kubectl('logs talks | wc -lc')).endsWith('100066'))
      expect(await farm().kubectl('logs talks | wc -l')).toBe('9')
      const begin = await farm().kubectl('logs talks --limit-bytes=80 | od -An -c -v | tr -d " \\n"')
      expect(begin).toContain('line1\\nline2')
      expect(begin).toContain('<3>isnopriority')
      expect(begin).toContain('377\\nxxxx')
    })

    test('with a tail, a time and a limit', async () => {
      const { kubectl } = farm()
      expect(await kubectl('logs talks --limit-bytes=6')).toBe('line 1')
      expect(await kubectl('logs talks --tail=2')).toMatch(/^\ufffd\nx{100000}$/)
      expect(await kubectl('logs talks --timestamps --limit-bytes=37')).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z line 1$/,
      )
      expect(await kubectl('logs talks --since-time=2100-01-01T00:00:00Z')).toBe('')
      expect(await kubectl('logs talks --since=1h --limit-bytes=6')).toBe('line 1')
    })

    test('follows, and ends with the run', async () => {
      const script = 'echo begun; until [ -e /srv/end ]; do sleep 0.1; done; echo ended'
      await farm().apply(podOf('ends', { container: scriptOf(script), spec: { restartPolicy: 'Never' } }))
      await farm().waitFor('ends', 'condition=Ready')
      const shown = await farm()
        .host()
        .sh(`timeout 60 k3s kubectl logs -f ends > /srv/followed & client=$!
until grep -q begun /srv/followed; do sleep 0.1; done
touch /srv/end; wait $client; cat /srv/followed`)
      expect(shown).toBe('begun\nended')
      await farm().kubectl('delete pod ends --wait=false')
    })

    test('of the run before', async () => {
      const shown = await until('it has crashed', async () => {
        const text = await farm().tried('logs falls --previous')
        return text.startsWith('run in') ? text : undefined
      })
      expect(shown).toMatch(/^run in \d+\nexit 0$/)
      expect(await farm().tried('logs talks --previous')).toContain('previous terminated container')
      await farm().kubectl('delete pod falls --wait=false')
    })
  })

  describe('kubectl exec', () => {
    test('has outputs, stdin and the exit code', async () => {
      const { tried } = farm()
      const shown = await tried("exec talks -- sh -c 'echo out; echo err >&2; exit 7'")
      expect(shown.split('\n').toSorted()).toEqual(['command terminated with exit code 7', 'err', 'exit 7', 'out'])
      expect(await farm().host().sh('echo from-stdin | k3s kubectl exec -i talks -- cat')).toBe('from-stdin')
      expect(await tried('exec talks -- no-such-program')).toMatch(/exit 127$/)
    })

    test('is in the sandbox of the container: user, rights, seccomp, environment, cgroup, /tmp', async () => {
      const script =
        'id -u; id -g; grep -E "^(CapBnd|CapEff|NoNewPrivs|Seccomp):" /proc/self/status; echo $GREETING; cat /tmp/of-main; cat /proc/self/cgroup'
      const shown = await farm().kubectl(`exec tight -- sh -c '${script}'`)
      expect(shown).toMatch(/^4321\n4321\nCapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2\nhello\nmain\n/)
      const pid = await farm()
        .host()
        .sh(`systemctl show -p MainPID --value '${unitOf('tight')}'`)
      expect(shown.endsWith(await farm().host().sh(`cat /proc/${pid}/cgroup`))).toBe(true)
    })

    test('has a terminal', async () => {
      // the size comes after the command has begun
      const inside = 'tty; timeout 20 sh -c "until stty size | grep 31; do sleep 0.1; done"; exit 3'
      const script = `#!/bin/bash\nstty cols 97 rows 31\nexec k3s kubectl exec -it talks -- sh -c '${inside}'\n`
      const shown = await farm()
        .host()
        .sh(
          'cat > /srv/in-terminal; chmod 755 /srv/in-terminal; code=0; script -qec /srv/in-terminal /dev/null < /dev/null || code=$?; echo "exit $code"',
          script,
        )
      expect(shown).toMatch(/\/dev\/pts\/\d+/)
      expect(shown).toContain('31 97')
      expect(shown).toMatch(/exit 3$/)
    })

    test('cp: a file in and out', async () => {
      await farm()
        .host()
        .sh(
          'head -c 3000000 /dev/urandom > /srv/here; k3s kubectl cp /srv/here talks:/tmp/there; k3s kubectl cp talks:/tmp/there /srv/back; cmp /srv/here /srv/back',
        )
    })

    test('leaves nothing', async () => {
      const left = () =>
        farm().host().sh('ls /run/systemd/system | grep -c vksexec || true; ls /run/keel-vkubelet/exec | wc -l')
      await until('no command is left', async () => (await left()) === '0\n0')
    })
  })

  test('kubectl attach shows what comes, and refuses stdin in words', async () => {
    expect(await farm().tried('attach -i talks < /dev/null')).toContain('has no stdin')
    const script = 'until [ -e /srv/go ]; do echo tick; sleep 0.2; done; echo last'
    await farm().apply(podOf('ticks', { container: scriptOf(script), spec: { restartPolicy: 'Never' } }))
    await farm().waitFor('ticks', 'condition=Ready')
    const shown = await farm()
      .host()
      .sh(`timeout 60 k3s kubectl attach ticks > /srv/attached & client=$!
until grep -q tick /srv/attached; do sleep 0.1; done
touch /srv/go; wait $client; cat /srv/attached`)
    expect(shown).toMatch(/^(tick\n)+last$/)
    await farm().kubectl('delete pod ticks --wait=false')
  })

  test('kubectl port-forward reaches the Pod, and no other program of the host', async () => {
    const shown = await farm()
      .host()
      .sh(`timeout 60 k3s kubectl port-forward pod/serves 28080:18080 28081:22 > /srv/forward 2>&1 &
client=$!
until grep -q 28081 /srv/forward; do sleep 0.1; done
curl -s http://127.0.0.1:28080/
curl -s -m 5 http://127.0.0.1:28081/ || true
wait $client || true
cat /srv/forward`)
    expect(shown).toContain('from the pod')
    expect(shown).toContain('no container of this pod listens on port 22')
  })

  describe('SPDY and WebSockets', () => {
    const counted = async () => {
      const text = await farm().kubectl(`get --raw /api/v1/nodes/${NODE}/proxy/metrics`)
      const lines = text.matchAll(/^kubelet_websocket_streaming_requests_total\{subresource="(\w+)"\} (\d+)$/gm)
      return Object.fromEntries([...lines].map(([, what = '', number]) => [what, Number(number)]))
    }

    test('all of the above came as WebSockets, and the API server passed them on', async () => {
      const { exec = 0, attach = 0, portforward = 0 } = await counted()
      console.log(`WebSockets: exec ${exec}, attach ${attach}, port-forward ${portforward}`)
      expect(exec).toBeGreaterThanOrEqual(7)
      expect(attach).toBeGreaterThanOrEqual(2)
      expect(portforward).toBe(1)
    })

    test('a client that has no WebSockets does the same', async () => {
      const before = await counted()
      const shown = await farm()
        .host()
        .sh(`export KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false KUBECTL_PORT_FORWARD_WEBSOCKETS=false
code=0; k3s kubectl exec talks -- sh -c 'echo out; exit 7' || code=$?
echo "exit $code"
echo from-stdin | k3s kubectl exec -i talks -- cat
k3s kubectl cp /srv/here talks:/tmp/there
k3s kubectl cp talks:/tmp/there /srv/back
cmp /srv/here /srv/back
code=0; timeout 5 k3s kubectl attach tight || code=$?
echo "attached until $code"
timeout 60 k3s kubectl port-forward pod/serves 28080:18080 28081:22 > /srv/forward 2>&1 &
client=$!
until grep -q 28081 /srv/forward; do sleep 0.1; done
curl -s http://127.0.0.1:28080/
curl -s -m 5 http://127.0.0.1:28081/ || true
wait $client || true`)
      expect(shown).toContain('out\nexit 7\nfrom-stdin\n')
      expect(shown).toContain('attached until 124')
      expect(shown).toContain('from the pod')
      expect(await counted()).toEqual(before)
    })
  })

  test('metrics: of the Node and its containers, as metrics-server reads them', async () => {
    const get = (path: string) => farm().kubectl(`get --raw /api/v1/nodes/${NODE}/proxy/${path}`)
    const resource = await get('metrics/resource')
    for (const pod of ['talks', 'tight', 'serves'])
      expect(resource).toMatch(
        new RegExp(
          `^container_memory_working_set_bytes\\{container="main",namespace="default",pod="${pod}"\\} [1-9]\\d{4,} \\d{13}$`,
          'm',
        ),
      )
    expect(resource).toMatch(
      /^container_cpu_usage_seconds_total\{container="main",namespace="default",pod="talks"\} (?!0 )[\d.]+ \d{13}$/m,
    )
    const { node, pods } = JSON.parse(await get('stats/summary'))
    expect(node.nodeName).toBe(NODE)
    expect(pods.map(({ podRef }: { podRef: { name: string } }) => podRef.name)).toEqual(
      expect.arrayContaining(['talks', 'tight', 'serves']),
    )
    expect(await get('healthz')).toBe('ok')
    expect(JSON.parse(await get('pods')).items.length).toBeGreaterThanOrEqual(3)
    const rss = await farm().host().sh('grep VmRSS /proc/$(systemctl show -p MainPID --value vkubelet-test)/status')
    console.log(`keel-vkubelet: ${rss.trim()}`)
    await farm().kubectl('delete pod talks tight serves')
  })
}
