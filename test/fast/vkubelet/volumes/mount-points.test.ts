import { describe, expect, test } from 'vitest'
import { whyNotMade } from '../../../../src/vkubelet/units/mount-point.ts'
import { refusals } from '../../../support/vkubelet/resolved-volume.ts'
import type { Json } from '../../../support/vkubelet/sample-pod.ts'

describe('a mount point in a folder that a container can write', () => {
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'settings', configMap: { name: 'a' } },
  ]
  const mounts = (path: string, more: Json = {}) => [
    { name: 'data', mountPath: '/data', ...more },
    { name: 'settings', mountPath: path },
  ]
  const WHY = 'a container that is not root may write the folder that it is in'
  const user = { securityContext: { runAsUser: 7 } }

  test.each<[string, string, Json, Json, unknown]>([
    ['may be a link by then', '/data/x/nologin', user, {}, [`spec.containers[0].volumeMounts[1].mountPath: ${WHY}`]],
    ['is so in /tmp', '/tmp/x', user, {}, [`spec.containers[0].volumeMounts[1].mountPath: ${WHY}`]],
    ['is no folder beside it', '/data2/x', user, {}, 'pod'],
    ['is none that it can only read', '/data/x', user, { readOnly: true }, 'pod'],
    ['is root’s own matter', '/data/x', {}, {}, 'pod'],
    ['may be /tmp itself', '/tmp', user, {}, 'pod'],
  ])('%s: %s', (_what, path, container, more, expected) => {
    expect(refusals({ volumes }, { ...container, volumeMounts: mounts(path, more) })).toEqual(expected)
  })
})

describe('a mount point that the host does not have', () => {
  test.each([
    '/data',
    '/config/app',
    '/srv/x',
    '/mnt/x/y',
    '/opt/app/etc',
    '/var/lib/app',
    '/var/lib/postgresql/15/main',
    '/var/log/app',
    '/etc/app',
    '/etc/app/conf.d/a.conf',
    '/etc/nginx/conf.d/site.conf',
    '/system-update-of-mine',
  ])('is made: %s', (path) => {
    expect(whyNotMade(path)).toBeUndefined()
  })

  test.each([
    '/etc/nologin',
    '/etc/nologin/x',
    '/system-update',
    '/etc/initrd-release',
    '/.dockerenv',
    '/.autorelabel',
    '/forcefsck',
    '/etc/systemd/system/ssh.service',
    '/etc/systemd/system/ssh.service.d',
    '/etc/cron.allow',
    '/etc/cron.d/x',
    '/etc/rc3.d/x',
    '/etc/modprobe.d/x.conf',
    '/etc/app.conf',
    '/etc/ld.so.preload',
    '/usr/local/bin/x',
    '/usr/lib/systemd/system-generators/x',
    '/lib/modules/x',
    '/boot/x',
    '/var/lib/dpkg/info/x.postinst',
    '/var/lib/systemd/linger/x',
    '/var/lib/keel-pods/x',
    '/var/spool/cron/crontabs/root',
  ])('is not: %s', (path) => {
    expect(whyNotMade(path)).toBe(
      `the host has no ${path}, and its system would read what systemd makes there: mount the volume elsewhere`,
    )
  })
})
