import { describe, expect, it } from 'vitest'
import { mirrored, mirroredFrom } from '../../../src/artifacts/mirror.ts'

const kubelet = 'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet'

describe('a mirror has the releases below the names of their servers', () => {
  it.each([
    ['no mirror', kubelet, {}, kubelet],
    ['an empty variable', kubelet, { KEEL_MIRROR: '' }, kubelet],
    ['Kubernetes', kubelet, { KEEL_MIRROR: 'https://m.example/all' }, `https://m.example/all/${kubelet.slice(8)}`],
    ['a slash at the end', kubelet, { KEEL_MIRROR: 'http://m.example/' }, `http://m.example/${kubelet.slice(8)}`],
    ['a folder', kubelet, mirroredFrom({}, '/srv/with space'), `file:///srv/with%20space/${kubelet.slice(8)}`],
    [
      'k3s, whose version is escaped',
      'https://github.com/k3s-io/k3s/releases/download/v1.34.4%2Bk3s1/k3s',
      { KEEL_MIRROR: 'https://m.example' },
      'https://m.example/github.com/k3s-io/k3s/releases/download/v1.34.4%2Bk3s1/k3s',
    ],
    [
      'an address of the user',
      'https://own.example/k3s',
      { KEEL_MIRROR: 'https://m.example' },
      'https://own.example/k3s',
    ],
    ['another project', 'https://github.com/me/k3s', { KEEL_MIRROR: 'https://m.example' }, 'https://github.com/me/k3s'],
  ])('%s', (_what, url, env, from) => {
    expect(mirrored(url, env)).toBe(from)
  })

  it.each([
    '/srv/mirror',
    'm.example',
    'ftp://m.example',
    'https://ada:hunter2@m.example',
    'https://m.example/?t=hunter2',
  ])('refuses %s, and does not repeat it', (KEEL_MIRROR) => {
    expect(() => mirrored(kubelet, { KEEL_MIRROR })).toThrow(
      expect.objectContaining({ code: 'mirror', exit: 2, message: expect.not.stringContaining('hunter2') }),
    )
  })
})
