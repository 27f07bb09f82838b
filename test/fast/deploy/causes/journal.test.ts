import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Dialect, k3sDialect, kubeadmDialect } from '../../../../src/deploy/causes/dialect.ts'
import { findCause } from '../../../../src/deploy/causes/find-cause.ts'
import { journalTeller, parseJournal } from '../../../../src/deploy/causes/journal.ts'
import { hostFailure } from '../../../../src/deploy/host/host-failure.ts'
import { HostExit } from '../../../../src/deploy/host/host-script.ts'
import { k3sPlaces } from '../../../../src/desired/distribution/k3s/access.ts'
import { sampleHost } from '../../../support/samples/sample-cluster.ts'

/** What the host prints of a journal, by a journalctl that has these lines. */
async function tell(lines: readonly string[], dialect: Dialect = k3sDialect): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keel-journal-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const start = Math.floor(Date.now() / 1000) - lines.length
  await writeFile(join(folder, 'cat'), lines.map((line) => `${line}\n`).join(''))
  await writeFile(
    join(folder, 'short-unix'),
    lines.map((line, index) => `${start + index}.000123 maia k3s[77]: ${line}\n`).join(''),
  )
  await writeFile(
    join(folder, 'journalctl'),
    `#!/bin/bash\nfor word; do case $word in --output=*) exec cat ${folder}/"\${word#*=}" ;; esac; done\n`,
  )
  await chmod(join(folder, 'journalctl'), 0o755)
  const { stdout } = await execa('bash', ['-c', `${journalTeller(dialect)}\ntell_journal k3s.service 1`], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  })
  return stdout
}

const shutdown =
  'time="2026-11-28T10:00:00Z" level=info msg="Shutdown request received: \\"etcd cluster join failed: duplicate node name found, please use a unique name for this node\\""'
const noise = Array.from({ length: 200 }, (_, index) => `time="2026-11-28T10:00:01Z" level=info msg="Closing ${index}"`)

const maia = { host: sampleHost({ name: 'maia' }).name, places: k3sPlaces, distribution: 'k3s' } as const

describe('a host whose k3s does not run', () => {
  it('shows the one line that says why, however much was said after it', async () => {
    const stdout = `failed: k3s.service ends again and again\ngone: yes\n${await tell([shutdown, ...noise])}`
    const failure = hostFailure(maia, 'verify', { exitCode: HostExit.Unhealthy, stdout, stderr: '' })
    expect(failure).toMatchObject({
      code: 'unhealthy',
      at: 'maia',
      why: expect.stringMatching(/^etcd still has a member of an earlier machine/),
    })
    expect(failure.found).toContain(
      'k3s.service ends again and again; from its journal:\n    level=info msg="Shutdown request received:',
    )
    expect(failure.found.match(/Closing/g)).toHaveLength(12)
    expect(failure.todo).toMatch(/^on a running server: `k3s kubectl delete node NAME`.*; then run `keel deploy maia`/)
  })

  it('shows the last lines alone where nothing tells a cause', async () => {
    const stdout = `failed: no node maia to be Ready within 180 s\n${await tell(noise)}`
    const failure = hostFailure(maia, 'verify', { exitCode: HostExit.Unhealthy, stdout, stderr: '' })
    expect(failure.found).toMatch(/^no node maia to be Ready within 180 s; the last lines of its journal:\n {4}time=/)
    expect(failure.todo).toBe('fix the cause shown above; then run `keel deploy maia`: it continues from here')
  })

  it('sends the first and the newest of many such lines', async () => {
    const told = parseJournal(await tell(Array.from({ length: 5000 }, (_, index) => `level=fatal msg="end ${index}"`)))
    expect(told.heard).toHaveLength(90)
    expect(told.heard.at(-1)).toMatchObject({ text: 'level=fatal msg="end 4999"', age: expect.any(Number) })
    expect(told.heard.at(-1)?.age).toBeLessThan(30)
  })

  it('cuts long lines, and never through a word, which may be a secret', async () => {
    const long = `level=fatal msg="${'x '.repeat(285)}K10${'a'.repeat(64)}::server:f00d ${'y'.repeat(2000)}"`
    const told = parseJournal(await tell([long]))
    expect(told.heard[0]?.text).toMatch(/ x \.\.\.$/)
    expect(told.lastLines[0]).toBe(told.heard[0]?.text)
  })

  it('says nothing of a service that said nothing', async () => {
    expect(parseJournal(await tell([]))).toEqual({ heard: [], lastLines: [] })
  })
})

it('of kubeadm the host sends what its dialect looks for, among much else', async () => {
  const lines = [
    '[preflight] Running pre-flight checks',
    '\t[ERROR Port-10250]: Port 10250 is in use',
    'error execution phase preflight: preflight checks failed',
    '[preflight] Running pre-flight checks',
    ...Array.from({ length: 200 }, (_, index) => `[certs] Generating certificate ${index}`),
    "\t[ERROR KubeletVersion]: couldn't get kubelet version: cannot execute 'kubelet --version'",
    'error execution phase preflight: preflight checks failed',
  ]
  const { heard } = parseJournal(await tell(lines, kubeadmDialect))
  expect(heard.map(({ text }) => text)).toEqual(lines.filter((line) => !line.startsWith('[certs]')))
  expect(findCause(heard, true, kubeadmDialect)?.why).toMatch(/^the system extension with Kubernetes is not merged/)
})
