import { describe, expect, it } from 'vitest'
import { sysupdateService, sysupdateTimer, transferFile, transferPath } from '../../../src/sysext/sysupdate.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const url = 'https://images.example/kubernetes'

describe('what systemd-sysupdate reads', () => {
  it.each([
    ['download.transfer', transferFile({ name: 'kubernetes', version: 'v1.36.3', url, when: 'download' })],
    ['link.transfer', transferFile({ name: 'k3s', version: 'v1.34.4+k3s1', url: `${url}/a%20b/`, when: 'link' })],
    ['sysupdate.service', sysupdateService('kubernetes')],
    ['sysupdate.timer', sysupdateTimer('kubernetes')],
  ])('%s', async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../golden/sysext/${name}`)
  })

  it.each([
    [252, '/etc/sysupdate.kubernetes.d/kubernetes.conf'],
    [256, '/etc/sysupdate.kubernetes.d/kubernetes.conf'],
    [257, '/etc/sysupdate.kubernetes.d/kubernetes.transfer'],
  ])('systemd %i reads %s', (systemd, path) => {
    expect(transferPath({ name: 'kubernetes' }, systemd)).toBe(path)
  })
})

describe('keel sysext transfer', () => {
  const transfer = (...args: readonly string[]) => keel('/', ['sysext', 'transfer', ...args])

  it('prints path and contents', async () => {
    const { exit, out } = await transfer('kubernetes', 'v1.36.3', '--url', url, '--systemd', '255')
    const contents = transferFile({ name: 'kubernetes', version: 'v1.36.3', url, when: 'download' })
    expect([exit, out]).toEqual([0, `# /etc/sysupdate.kubernetes.d/kubernetes.conf\n${contents}`])
  })

  it.each([
    [['kubernetes', 'v1.36.3'], /no URL/],
    [['kubernetes', 'v1.36', '--url', url], /v1\.36\.3/],
    [['kubernetes', 'v1.36.3', '--url', 'ftp://images.example'], /not possible/],
    [['kubernetes', 'v1.36.3', '--url', 'https://images.example/\nVerify=false'], /not possible/],
    [['kubernetes', 'v1.36.3', '--url', url, '--systemd', 'new'], /whole number/],
  ])('%j is refused', async (args, message) => {
    expect(await transfer(...args)).toMatchObject({ exit: 2, out: '', err: expect.stringMatching(message) })
  })
})
