import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transpile } from '../../../src/butane/index.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { blocksOf, commandsOf, textOf } from '../../support/docs/blocks.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { kubernetesReleases } from '../../support/samples/kubernetes-releases.ts'
import { type Debian13, debian13 } from '../../support/sysext/debian13.ts'

const PAGE = 'docs/sysext.md'
const IMAGE = 'kubernetes-v1.36.3-x86-64.raw'
const blocks = blocksOf(PAGE, textOf(PAGE))
let host: Debian13

beforeAll(async () => {
  host = await debian13()
  const folder = mkdtempSync(join(tmpdir(), 'keel-by-hand-'))
  // programs of this machine: what merges is real, and can be run
  const program = (name: string) => readFileSync(`/usr/bin/${name}`)
  const programs = { kubelet: program('cat'), kubeadm: program('echo'), kubectl: program('true') }
  kubernetesReleases(join(folder, 'releases'), { programs })
  const build = ['sysext', 'build', 'kubernetes', 'v1.36.3', '--from', 'releases']
  expect(await keel(folder, build)).toMatchObject({ exit: 0, err: '' })
  mkdirSync(host.path('/root'), { recursive: true })
  copyFileSync(join(folder, IMAGE), host.path(`/root/${IMAGE}`))
}, 600_000)
afterAll(() => host.remove())

/**
 * The commands under a heading of the page, as a script that ends at the first one that fails. systemd itself does not
 * run there, so it can't read its units again.
 */
function scriptOf(heading: string): string {
  const commands = blocks.filter((block) => block.heading === heading && block.language === 'sh').flatMap(commandsOf)
  expect(commands.length).toBeGreaterThan(2)
  return [
    'set -e; cd /root; mkdir -p /etc/extensions',
    ...commands.map(({ text }) => text.replace('sysext refresh', '$& --no-reload')),
  ].join('\n')
}

/** What the image brings, as a merged host has it. */
const look = [
  'cat /usr/local/share/kubernetes-version /usr/local/share/kubernetes-cni-version',
  'sha256sum < /usr/bin/kubelet; ls /usr/local/bin/cni',
  'stat --format="%a %U" /usr/bin/kubelet /usr/lib/systemd/system/kubelet.service',
  'systemd-analyze verify --man=no /usr/lib/systemd/system/kubelet.service; echo verified $?',
  'systemd-sysext unmerge --no-reload; test ! -e /usr/bin/kubelet',
].join('\n')
const merged = /^version$[\s\S]*^v1\.36\.3\nv1\.9\.1\n[\s\S]*^bridge\nloopback\n755 root\n644 root\n[\s\S]*verified 0/m

test.each(['Use an image by hand', 'Flatcar'])('%s: systemd-sysext merges the image', async (heading) => {
  const { exit, text } = await host.sh(`${scriptOf(heading)}\nkubeadm version\n${look}`)
  expect(text).toMatch(merged)
  expect(text).toContain(sha256(readFileSync('/usr/bin/cat')))
  expect(exit, text).toBe(0)
})

test('the Butane file of the page transpiles', () => {
  const [file] = blocks.filter(({ language }) => language === 'yaml')
  const { ignition } = transpile(file?.text ?? '')
  expect(ignition?.storage?.files?.[0]?.contents?.verification).toEqual({ hash: `sha256-${'0'.repeat(64)}` })
})
