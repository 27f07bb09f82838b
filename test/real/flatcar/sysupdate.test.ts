import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileBytes } from '../../../src/model/file-bytes.ts'
import { parsePublicKeyring } from '../../../src/model/keys/openpgp-public-key.ts'
import { updatesState } from '../../../src/parts/sysupdate/updates-state.ts'
import { transferFile, transferPath } from '../../../src/sysext/sysupdate.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'
import { type Debian13, debian13 } from '../../support/sysext/debian13.ts'
import { GpgHome } from '../../support/sysext/gpg-home.ts'

/**
 * The real systemd-sysupdate of Debian 13, with keel's transfer file, against images that keel has published.
 */
const gpg = new GpgHome()
const published = mkdtempSync(join(tmpdir(), 'keel-published-'))
const FOLDER = '/opt/extensions/kubernetes'
const LINK = '/etc/extensions/kubernetes.raw'
const image = (version: string) => `kubernetes-${version}-x86-64.raw`
let host: Debian13
let server = createServer()
let cutAfter = Number.POSITIVE_INFINITY
let url = ''

beforeAll(async () => {
  host = await debian13()
  await gpg.makeKey('ada@example.org')
  await gpg.makeKey('mallory@example.org')
  server = createServer((request, response) => {
    const file = join(published, request.url ?? '')
    if (!existsSync(file)) return void response.writeHead(404).end()
    const bytes = readFileSync(file)
    response.writeHead(200, { 'content-length': bytes.length })
    if (bytes.length <= cutAfter) return void response.end(bytes)
    response.write(bytes.subarray(0, cutAfter), () => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 1_800_000)
afterAll(async () => {
  server.close()
  host.remove()
  await gpg.end()
  rmSync(published, { recursive: true })
})

const publish = (key = 'ada@example.org') =>
  keel(published, ['sysext', 'publish', '.', '--key', key], '', { env: gpg.env })

/** A host that runs v1.36.3 and has the public key; v1.36.4 is published. */
beforeEach(async () => {
  cutAfter = Number.POSITIVE_INFINITY
  for (const name of readdirSync(published)) rmSync(join(published, name))
  for (const version of ['v1.36.3', 'v1.36.4']) writeFileSync(join(published, image(version)), version.repeat(200_000))
  expect(await publish()).toMatchObject({ exit: 0 })
  for (const path of ['/opt/extensions', '/etc/extensions', '/etc/sysupdate.kubernetes.d', '/etc/systemd'])
    rmSync(host.path(path), { recursive: true, force: true })
  for (const path of [FOLDER, '/etc/extensions', '/etc/systemd']) mkdirSync(host.path(path), { recursive: true })
  copyFileSync(join(published, image('v1.36.3')), host.path(`${FOLDER}/${image('v1.36.3')}`))
  symlinkSync(`../..${FOLDER}/${image('v1.36.3')}`, host.path(LINK))
  writeFileSync(host.path('/etc/systemd/import-pubring.gpg'), await gpg.keyring('ada@example.org'))
  configure('link')
})

function configure(when: 'link' | 'download'): void {
  const path = host.path(transferPath({ name: 'kubernetes' }, 257))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, transferFile({ name: 'kubernetes', version: 'v1.36.3', url, when }))
}

const update = (before?: string) => host.sh('/usr/lib/systemd/systemd-sysupdate --component=kubernetes update', before)
const versions = () =>
  readdirSync(host.path(FOLDER))
    .filter((name) => name.endsWith('.raw') && !name.startsWith('.'))
    .map((name) => /v[\d.]+\d/.exec(name)?.[0])
    .toSorted()
const linked = () => readlinkSync(host.path(LINK)).split('/').at(-1)

describe('a new patch', () => {
  it('is fetched and linked', async () => {
    expect(await update()).toMatchObject({ exit: 0, text: expect.stringContaining('Successfully installed update') })
    expect([versions(), linked()]).toEqual([['v1.36.3', 'v1.36.4'], image('v1.36.4')])
    expect(await update()).toMatchObject({ exit: 0, text: expect.stringContaining('No update needed') })
  })

  it('with a transfer that only downloads leaves the link that the node boots with', async () => {
    configure('download')
    expect(await update()).toMatchObject({ exit: 0 })
    expect([versions(), linked()]).toEqual([['v1.36.3', 'v1.36.4'], image('v1.36.3')])
    expect(readlinkSync(host.path(`${FOLDER}/newest-kubernetes`))).toBe(image('v1.36.4'))
  })

  it('never removes the image that the node runs', async () => {
    configure('download')
    for (const version of ['v1.36.5', 'v1.36.6', 'v1.36.7']) {
      writeFileSync(join(published, image(version)), version.repeat(1000))
      await publish()
      expect(await update()).toMatchObject({ exit: 0 })
    }
    expect(versions()).toContain('v1.36.3')
    expect(versions()).toContain('v1.36.7')
    expect(versions()).toHaveLength(3)
  })
})

describe('nothing changes', () => {
  const rename = (from: string, to: string) => {
    copyFileSync(join(published, from), join(published, to))
    rmSync(join(published, from))
  }
  it.each<[string, () => unknown, number, string, string?]>([
    [
      'with another minor',
      async () => {
        rename(image('v1.36.4'), image('v1.37.0'))
        await publish()
      },
      0,
      'No update needed',
    ],
    ['with a signature of another key', () => publish('mallory@example.org'), 1, 'Signature verification failed'],
    [
      'with a list that was changed since',
      () => writeFileSync(join(published, 'SHA256SUMS'), `${'0'.repeat(64)}  ${image('v1.36.4')}\n`),
      1,
      'Signature verification failed',
    ],
    ['without a signature', () => rmSync(join(published, 'SHA256SUMS.gpg')), 1, 'Failed to retrieve signature file'],
    [
      'with an image that is not the one in the list',
      () => writeFileSync(join(published, image('v1.36.4')), 'V1.36.4'.repeat(200_000)),
      1,
      'has been tampered with',
    ],
    ['with a download that breaks off', () => (cutAfter = 100_000), 1, 'Transferred a partial file'],
    [
      'with a full disk',
      () => undefined,
      1,
      'Failed to write file',
      // room for the image that is there, and for a part of the new one
      `cp -a .${FOLDER} run/old && mount -t tmpfs -o size=2M tmpfs .${FOLDER} && cp -a run/old/. .${FOLDER}`,
    ],
  ])('%s', async (_what, change, exit, text, before) => {
    await change()
    expect(await update(before)).toEqual({ exit, text: expect.stringContaining(text) })
    expect([versions(), linked()]).toEqual([['v1.36.3'], image('v1.36.3')])
    // and the next attempt succeeds
    cutAfter = Number.POSITIVE_INFINITY
    writeFileSync(join(published, image('v1.36.4')), 'v1.36.4'.repeat(200_000))
    await publish()
    expect(await update()).toMatchObject({ exit: 0, text: expect.stringContaining('Successfully installed update') })
    expect([versions(), linked()]).toEqual([['v1.36.3', 'v1.36.4'], image('v1.36.4')])
  })
})

describe('what keel deploy places', () => {
  const place = async () => {
    for (const path of ['/etc/sysupdate.kubernetes.d', '/etc/systemd/import-pubring.gpg'])
      rmSync(host.path(path), { recursive: true })
    const { stdout } = await gpg.gpg('--armor', '--export', 'ada@example.org')
    const keyring = Buffer.from(parsePublicKeyring(Buffer.from(stdout))).toString('base64')
    const worker = sampleHost({ name: 'maia' })
    const cluster = sampleCluster([worker], {
      distribution: sampleKubeadm,
      // the inventory takes https only; this server has no certificate
      sysupdate: { url, keyring, timer: true },
    })
    const { files } = filesOf(renderedOf(cluster, worker, kubeadmSurroundings))
    for (const file of files.filter(({ path }) => /sysupdate|pubring/.test(path))) {
      mkdirSync(dirname(host.path(file.path)), { recursive: true })
      writeFileSync(host.path(file.path), fileBytes(file))
    }
  }
  /** What the timer starts. */
  const download = () => {
    const unit = readFileSync(host.path('/etc/systemd/system/keel-sysupdate.service'), 'utf8')
    return host.sh(/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? 'false')
  }
  const placed = { name: 'kubernetes', version: 'v1.36.3' } as const
  const asked = async () => {
    const { text } = await host.sh(`bash -c ${shellQuote(updatesState.script(placed))}`)
    return updatesState.parse(text)
  }

  it('has systemd 257 download a patch that the key has signed, under a name that older ones read, too', async () => {
    await place()
    expect(readdirSync(host.path('/etc/sysupdate.kubernetes.d'))).toEqual(['kubernetes.conf'])
    expect(await asked()).toEqual({ missing: [], others: [] })
    await publish('mallory@example.org')
    expect(await download()).toMatchObject({ exit: 1, text: expect.stringContaining('Signature verification failed') })
    await publish()
    expect(await download()).toMatchObject({ exit: 0, text: expect.stringContaining('Successfully installed update') })
    // downloaded, and the node boots with the image that it has
    expect([versions(), linked()]).toEqual([['v1.36.3', 'v1.36.4'], image('v1.36.3')])
    expect(await asked()).toEqual({ missing: [], others: [], newest: 'v1.36.4' })
    const verified = await host.sh('systemd-analyze verify --man=no /etc/systemd/system/keel-sysupdate.timer')
    expect(verified.text).not.toContain('keel-sysupdate')
  })

  it('is not read beside a file that ends with .transfer, which keel refuses therefore', async () => {
    await place()
    const other = transferFile({ name: 'kubernetes', version: 'v1.35.1', url, when: 'download' })
    writeFileSync(host.path('/etc/sysupdate.kubernetes.d/mine.transfer'), other)
    expect(await asked()).toMatchObject({ others: ['/etc/sysupdate.kubernetes.d/*.transfer'] })
    await download()
    expect(versions()).toEqual(['v1.36.3'])
  })
})
