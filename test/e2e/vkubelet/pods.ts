import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, FOLDER, type PodParts, podOf, scriptOf, unitOf } from '../../support/vkubelet/farm-node.ts'

/** Pods as units: what systemd has of them, and what the API server is told. */
export function podTests(farm: () => FarmNode): void {
  describe('a Pod', () => {
    test('runs as a unit of systemd in the slice of its Pod, and goes without a trace', async () => {
      const began = performance.now()
      await farm().apply(podOf('one.with.dots-and-dashes'))
      await farm().waitFor('one.with.dots-and-dashes', 'condition=Ready')
      console.log(`from apply to Ready: ${Math.round(performance.now() - began)} ms`)
      const unit = unitOf('one.with.dots-and-dashes')
      const shown = await farm().host().sh(`systemctl show -p ActiveState -p SubState -p Slice '${unit}'`)
      expect(shown.trim().split('\n').toSorted()).toEqual([
        'ActiveState=active',
        'Slice=vks-default.one.with.dots\\x2dand\\x2ddashes.slice',
        'SubState=running',
      ])
      const pod = await farm().read('one.with.dots-and-dashes')
      const invocation = (await farm().host().sh(`systemctl show -p InvocationID --value '${unit}'`)).trim()
      expect(pod.status.containerStatuses[0]).toMatchObject({ containerID: `systemd://${invocation}`, ready: true })
      await farm().cluster.kubectl('delete', 'pod', 'one.with.dots-and-dashes')
      const left = () =>
        farm()
          .host()
          .sh(
            "ls /run/systemd/system /run/keel-vkubelet/pods | grep -E '^vks-|^vks[.].*[.]service$|^[0-9a-f]{8}-' || true",
          )
      await until('its files are gone', async () => (await left()) === '')
      expect(
        await farm().host().sh(`systemctl list-units --all --plain --no-legend 'vks.*.service' 'vks-*.slice'`),
      ).toBe('')
    })

    test('gets its arguments and its environment exactly, and no unit has a value', async () => {
      const odd = [
        '%n',
        '100%',
        '$HOME',
        `\${HOME}`,
        '$$',
        '; rm -rf /',
        'a b',
        '',
        '"\'\\',
        'two\nlines',
        '\t\u0001\u007f',
        '\u{1f600}',
        '#x',
        '-x',
        '\\x41',
        '$(NOBODY)',
        '$$(SECRET)',
      ]
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'db' },
        stringData: { password: 'pa$$"\\`w\n%n ord ' },
      }
      const script =
        'printf "%s\\0" "$@" > /srv/args; printf "%s" "$SECRET" > /srv/secret; env -0 > /srv/env; exec sleep 3600'
      await farm().apply(
        secret,
        podOf('odd', {
          container: {
            command: ['/bin/bash', '-c', script, 'bash', ...odd, 'x$(SECRET)y'],
            args: [],
            env: [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
          },
        }),
      )
      await farm().waitFor('odd', 'condition=Ready')
      await until('it has written', async () =>
        (await farm().host().sh('cat /srv/env 2>/dev/null || true')).includes('SECRET='),
      )
      const password = 'pa$$"\\`w\n%n ord '
      const expected = odd.map((one) => (one === '$$' ? '$' : one === '$$(SECRET)' ? '$(SECRET)' : one))
      expect((await farm().host().sh('cat /srv/args')).split('\0').slice(0, -1)).toEqual([...expected, `x${password}y`])
      expect(await farm().host().sh('cat /srv/secret')).toBe(password)
      const unit = unitOf('odd')
      const told = await farm().host().sh(`systemctl cat '${unit}'; systemctl show '${unit}'`)
      expect(told).not.toContain('`w')
      expect(
        (
          await farm()
            .host()
            .sh(`stat -c '%a %U' /run/keel-vkubelet/pods/*/main.env; stat -c '%a' /run/keel-vkubelet/pods/*`)
        ).trim(),
      ).toBe('600 root\n700')
      await farm().cluster.kubectl('delete', 'pod', 'odd')
    })

    test('sees no socket of systemd, no credential of the Node, no device, and changes no program', async () => {
      const script = `reach() { if [ -e "$1" ] && { [ ! -d "$1" ] || ls -A "$1" 2>/dev/null | grep -q .; }; then echo "sees $1"; fi; }
  for path in /run/systemd/private /run/dbus/system_bus_socket /run/keel-vkubelet ${FOLDER}/client.key /etc/ssh/ssh_host_ed25519_key /dev/kmsg; do reach $path; done > /srv/seen
  touch /usr/bin/x 2>/dev/null && echo "writes /usr" >> /srv/seen; touch /etc/x 2>/dev/null && echo "writes /etc" >> /srv/seen
  mount -t tmpfs tmpfs /mnt 2>/dev/null && echo mounts >> /srv/seen; systemctl --version > /dev/null; systemctl list-units > /dev/null 2>&1 && echo "asks systemd" >> /srv/seen
  grep CapBnd /proc/self/status >> /srv/seen; echo done >> /srv/seen; exec sleep 3600`
      await farm().apply(podOf('look', { container: { ...scriptOf(script) } }))
      const seen = await until('it has looked', async () => {
        const text = await farm().host().sh('cat /srv/seen 2>/dev/null || true')
        return text.endsWith('done') ? text : undefined
      })
      expect(seen).toMatch(/^CapBnd:\t[0-9a-f]{16}\ndone$/)
      await farm().cluster.kubectl('delete', 'pod', 'look')
    })

    test('that crashes is restarted with growing pauses, and its exit code is known', async () => {
      await farm().apply(podOf('crash', { container: { ...scriptOf('exit 7') } }))
      const pod = await until('it waits', async () => {
        const found = await farm().read('crash')
        const [status] = found.status.containerStatuses ?? []
        return status?.restartCount === 1 && status.state.waiting?.reason === 'CrashLoopBackOff' ? found : undefined
      })
      expect(pod.status).toMatchObject({
        phase: 'Running',
        containerStatuses: [{ lastState: { terminated: { exitCode: 7, reason: 'Error' } } }],
      })
      await until(
        'its third run',
        async () => (await farm().read('crash')).status.containerStatuses[0].restartCount === 2,
      )
      await farm().cluster.kubectl('delete', 'pod', 'crash')
    })

    test.each<[string, PodParts, string, object]>([
      [
        'ends well',
        { container: { command: ['/bin/true'], args: [] } },
        'Succeeded',
        { exitCode: 0, reason: 'Completed' },
      ],
      ['fails', { container: { ...scriptOf('exit 3') } }, 'Failed', { exitCode: 3, reason: 'Error' }],
      ['is killed', { container: { ...scriptOf('kill -9 $$$$') } }, 'Failed', { exitCode: 137, reason: 'Error' }],
      [
        'has no such program',
        { container: { command: ['/usr/bin/no-such-program'], args: [] } },
        'Failed',
        { exitCode: 128, reason: 'StartError' },
      ],
    ])('that %s is over', async (what, parts, phase, terminated) => {
      const name = what.replaceAll(' ', '-')
      await farm().apply(podOf(name, { ...parts, spec: { restartPolicy: 'Never' } }))
      await farm().waitFor(name, `jsonpath={.status.phase}=${phase}`)
      expect((await farm().read(name)).status.containerStatuses[0].state.terminated).toMatchObject(terminated)
      await farm().cluster.kubectl('delete', 'pod', name)
    })

    test('with a user runs as that user, without capabilities that were dropped', async () => {
      const script = '{ id -u; id -g; grep -E "CapBnd|NoNewPrivs" /proc/self/status; } > /tmp/who; exec sleep 3600'
      const securityContext = { runAsUser: 4321, capabilities: { drop: ['ALL'] }, allowPrivilegeEscalation: false }
      await farm().apply(podOf('who', { container: { ...scriptOf(script), securityContext } }))
      await farm().waitFor('who', 'condition=Ready')
      const pid = (
        await farm()
          .host()
          .sh(`systemctl show -p MainPID --value '${unitOf('who')}'`)
      ).trim()
      const told = await until(
        'it has told',
        async () =>
          (await farm().host().sh(`cat /proc/${pid}/root/tmp/who 2>/dev/null || true`)).includes('NoNewPrivs') &&
          farm().host().sh(`cat /proc/${pid}/root/tmp/who`),
      )
      expect(told).toMatch(/^4321\n4321\nCapBnd:\t0{16}\nNoNewPrivs:\t1$/)
      await farm().cluster.kubectl('delete', 'pod', 'who')
    })

    test('runs beside another one of the same user, and that user goes with them', async () => {
      const names = ['twin-a', 'twin-b', 'twin-c']
      await farm().apply(...names.map((name) => podOf(name, { container: { securityContext: { runAsUser: 4321 } } })))
      for (const name of names) await farm().waitFor(name, 'condition=Ready')
      for (const name of names) expect((await farm().read(name)).status.containerStatuses[0].restartCount).toBe(0)
      expect(await farm().host().sh('getent passwd 4321')).toMatch(/^keel-pod-4321:/)
      await farm().kubectl(`delete pods ${names.join(' ')}`)
      await until('it is gone', async () => (await farm().host().sh('getent passwd 4321 || true')) === '')
    })

    test('that this Node does not run stays Pending, and says why', async () => {
      await farm().apply(podOf('refused', { container: { tty: true } }))
      await farm().waitFor('refused', 'jsonpath={.status.reason}=NotSupported')
      expect((await farm().read('refused')).status).toMatchObject({
        phase: 'Pending',
        message: 'spec.containers[0].tty: a unit has no terminal',
      })
      await until('an Event says so, too', async () =>
        (await farm().kubectl('get events --field-selector involvedObject.name=refused')).includes(
          'spec.containers[0].tty: a unit has no terminal',
        ),
      )
      await farm().cluster.kubectl('delete', 'pod', 'refused')
    })
  })
}
