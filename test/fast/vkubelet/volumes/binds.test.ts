import { describe, expect, test } from 'vitest'
import { whyNotMounted } from '../../../../src/vkubelet/units/allowed-path.ts'
import { containerUnit } from '../../../../src/vkubelet/units/container-unit.ts'
import { unitText } from '../../../../src/vkubelet/units/unit-text.ts'
import { type Json, samplePod, UID } from '../../../support/vkubelet/sample-pod.ts'

describe('a unit', () => {
  const mountsOf = (volumes: readonly Json[], volumeMounts: readonly Json[]) => {
    const pod = samplePod({ spec: { volumes }, container: { volumeMounts } })
    const host = {
      hidden: [],
      mounts: [
        { path: '/srv/data', readOnly: false },
        { path: '/srv/site', readOnly: true },
      ],
      mostTasks: 9,
      mostPods: 110,
    }
    const prepared = { program: ['/bin/true'], variables: new Set<string>() }
    const text = unitText(containerUnit(pod, pod.containers[0] ?? expect.unreachable(), prepared, { run: 0 }, host))
    return text.split('\n').filter((line) => /^Bind(ReadOnly)?Paths=\/(run\/keel-vkubelet|var|srv)\//.test(line))
  }
  const MEMORY = `/run/keel-vkubelet/pods/${UID}/volumes`

  test.each<[string, Json, Json, string]>([
    ['files: never to write', { configMap: { name: 'a' } }, {}, `BindReadOnlyPaths=${MEMORY}/v:/data`],
    [
      'one file',
      { configMap: { name: 'a' } },
      { subPath: 'a.conf', mountPath: '/etc/a.conf' },
      `BindReadOnlyPaths=${MEMORY}/v/a.conf:/etc/a.conf`,
    ],
    ['memory', { emptyDir: { medium: 'Memory' } }, {}, `BindPaths=${MEMORY}/v:/data`],
    ['the disk', { emptyDir: {} }, {}, `BindPaths=/var/lib/keel-vkubelet/pods/${UID}/volumes/v:/data`],
    [
      'the disk to read',
      { emptyDir: {} },
      { readOnly: true },
      `BindReadOnlyPaths=/var/lib/keel-vkubelet/pods/${UID}/volumes/v:/data`,
    ],
    ['a path of the host', { hostPath: { path: '/srv/data' } }, {}, 'BindPaths=/srv/data:/data'],
    ['one that nobody may write', { hostPath: { path: '/srv/site' } }, {}, 'BindReadOnlyPaths=/srv/site:/data'],
    [
      'a path with a slash at its end',
      { emptyDir: { medium: 'Memory' } },
      { mountPath: '/data/' },
      `BindPaths=${MEMORY}/v:/data`,
    ],
  ])('binds %s', (_what, volume, mount, expected) => {
    expect(mountsOf([{ name: 'v', ...volume }], [{ name: 'v', mountPath: '/data', ...mount }])).toEqual([expected])
  })

  test('only a path of the allow-list itself is allowed, and nothing below it', () => {
    const allowed = [{ path: '/srv/data', readOnly: false }]
    expect(
      ['/srv/data', '/srv/data/x', '/srv', '/srv/data/', '/srv/dat'].map((path) => whyNotMounted(path, allowed)),
    ).toEqual([
      undefined,
      'the inventory does not allow /srv/data/x as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv/data/ as a volume: name it in systemdKubelet.hostPaths',
      'the inventory does not allow /srv/dat as a volume: name it in systemdKubelet.hostPaths',
    ])
  })
})
