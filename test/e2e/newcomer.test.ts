import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostOf, type LabOf } from '../../src/lab/description.ts'
import { Keel } from '../support/keel/keel.ts'
import { packed } from '../support/keel/packed.ts'
import { readK3sLab } from '../support/lab/k3s-lab.ts'
import { type CleanRoot, cleanRoot } from '../support/newcomer/clean-root.ts'
import type { Answer } from '../support/terminal/typed.ts'

/**
 * The first hour of somebody who has a clean Debian machine with Node and npm, two others, and keel's pages. Every step
 * is timed. What the pages can't know is the lab's: its addresses, its k3s, and the options that its hosts need.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'keel-newcomer-'))
const name = 'e2e-new'
const machine = new Keel({ cwd: scratch, env: {} })
const times: string[] = []
let root: CleanRoot
let lab: LabOf<'k3s'>
let mirror: { readonly url: string; close(): void } | undefined

/** A command of the newcomer. It must end well, and ask for nothing but the answers. */
async function step(command: string, answers: readonly Answer[] = []): Promise<string> {
  const began = performance.now()
  const { screen, ...ended } = await root.shell(command, answers, 140)
  times.push(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${command.split('\n')[0]}`)
  expect(ended, screen).toEqual({ end: 0, left: [] })
  return stripVTControlCharacters(screen).replaceAll('\r\n', '\n')
}

/** A step in the folder of the inventory. */
const inside = (command: string, answers?: readonly Answer[]) => step(`cd home && ${command}`, answers)

beforeAll(async () => {
  root = await cleanRoot()
  const identity = join(scratch, 'id_ed25519')
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada', '-f', identity])
  root.put('/root/.ssh/id_ed25519', identity, 0o600)
  root.put('/root/.ssh/id_ed25519.pub', `${identity}.pub`, 0o644)
  await machine.expect(0, 'lab', 'down', '--name', name)
  const [tarball] = await Promise.all([
    packed(scratch),
    machine.expect(0, 'lab', 'up', '--name', name, '--identity', identity),
  ])
  lab = await readK3sLab(name)
  root.put('/usr/local/bin/kubectl', lab.k3s.path)
  root.put('/root/keel.tgz', tarball, 0o644)
  mirror = await releases(lab)
})
afterAll(async () => {
  mirror?.close()
  root?.remove()
  await machine.expect(0, 'lab', 'down', '--name', name)
  rmSync(scratch, { recursive: true })
  console.log(`a newcomer's hour:\n${times.join('\n')}`)
})

/** A mirror of k3s's releases that has the lab's k3s alone. */
async function releases({ k3s }: LabOf<'k3s'>) {
  const binary = readFileSync(k3s.path)
  const sha256 = createHash('sha256').update(binary).digest('hex')
  const folder = `/${encodeURIComponent(k3s.version)}`
  const file = k3s.arch === 'amd64' ? 'k3s' : `k3s-${k3s.arch}`
  const files = new Map<string | undefined, string | Buffer>([
    [`${folder}/sha256sum-${k3s.arch}.txt`, `${sha256}  ${file}\n`],
    [`${folder}/${file}`, binary],
  ])
  const server = createServer(({ url }, response) => {
    const body = files.get(url)
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() }
}

test.each([
  ['README.md', ['npm install --global keel', 'keel init', 'keel pin', 'keel plan', 'keel deploy']],
  ['README.md', ['keel kubeconfig --merge', 'kubectl get nodes', 'docs/completion.md', 'docs/status.md']],
  ['README.md', ['docs/on-hosts.md']],
  ['docs/completion.md', ['eval "$(keel completion bash)"']],
  ['docs/status.md', ['keel status']],
  ['docs/on-hosts.md', ['keel logs']],
])('%s shows what the newcomer does: %j', (page, shown) => {
  const text = readFileSync(join(repository, page), 'utf8')
  for (const command of shown) expect(text).toContain(command)
})

test('install: keel and its completion', async () => {
  expect(await step('npm install --offline --global ./keel.tgz')).toContain('added 1 package')
  expect(await step('keel version')).toMatch(/^keel \d/)
  // what bash does at Tab
  const tab = 'COMP_WORDS=(keel kubec); COMP_CWORD=1; _keel; echo "$COMPREPLY"'
  expect(await step(`eval "$(keel completion bash)"; complete -p keel; ${tab}`)).toContain('\nkubeconfig\n')
})

test('init: the wizard asks for the machines', async () => {
  const described = (host: string) => {
    const { address, hostKey = '', nodeIP } = hostOf(lab, host)
    return { address, hostKey, nodeIP }
  }
  const [server, agent] = [described('server-1'), described('agent-1')]
  const screen = await step('keel init home', [
    ["the cluster's name [home]: ", '\r'],
    ['Kubernetes version [', `${lab.k3s.version}\r`],
    ['first server: name: ', 'server-1\r'],
    ['os: nixos, flatcar or debian', '\r'],
    ['address for ssh', `${server.address}\r`],
    ['its SSH host key', `${server.hostKey}\r`],
    ['its address in the cluster', `${server.nodeIP}\r`],
    ['next host: name', 'agent-1\r'],
    ['role: server or agent', '\r'],
    ['os: nixos, flatcar or debian', '\r'],
    ['address for ssh', `${agent.address}\r`],
    ['its SSH host key', `${agent.hostKey}\r`],
    ['its address in the cluster', `${agent.nodeIP}\r`],
    ['next host: name', '\r'],
    ['write it? (yes/no) [yes]: ', '\r'],
  ])
  expect(screen).toContain('Next:\n  cd home\n')
  const options = JSON.stringify({ ...lab.k3sOptions.agent, ...lab.k3sOptions.server })
  await root.edit('/root/home/hosts/cluster.ts', 'k3s: {', `k3s: {\n    ...${options},`)
})

test('pin, plan, deploy', async () => {
  expect(await inside(`keel pin --releases ${mirror?.url}`)).toContain(`k3s ${lab.k3s.version}`)
  expect(await inside('keel plan')).toContain('on 2 hosts (0 unchanged); k3s starts on server-1')
  const deployed = await inside('keel deploy')
  expect(deployed).toContain('Done: 2 hosts changed')
  expect(deployed).toContain('keel kubeconfig --merge')
})

test('kubectl, status, logs', async () => {
  await inside('keel kubeconfig --merge')
  expect(await step('kubectl get nodes')).toMatch(/agent-1 +Ready[\s\S]*server-1 +Ready/)
  const status = await inside('keel status')
  for (const host of ['server-1', 'agent-1']) expect(status).toContain(host)
  expect(await inside('keel logs server-1 --lines 5')).toContain(' k3s[')
})

test('a change, its diff, and a deploy', async () => {
  const change = "labels: { tier: 'edge' },\n  k3s: { 'kubelet-arg': ['max-pods=42'] },"
  await root.edit('/root/home/hosts/agent-1/host.ts', "role: 'agent',", `role: 'agent',\n  ${change}`)
  const plan = await inside('keel plan')
  expect(plan).toMatch(/^ *@@ -\d+,\d+ \+\d+,\d+ @@$/m)
  expect(plan).toMatch(/^ *\+.*max-pods=42/m)
  expect(plan).toContain('tier=edge')
  await inside('keel deploy')
  expect(await step('kubectl get nodes --selector tier=edge --output name')).toContain('node/agent-1')
  expect(await inside('keel plan --exit-code')).toContain('No changes: all 2 hosts match')
})
