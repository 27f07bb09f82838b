import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forgetScript } from '../../../../src/deploy/through/forget-script.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'
import { clusterMembers } from '../../../../src/probes/cluster/cluster-members.ts'

let server: string
beforeEach(async () => {
  server = await mkdtemp(join(tmpdir(), 'keel-server-'))
  await mkdir(join(server, 'db/etcd'), { recursive: true })
})
afterEach(() => rm(server, { recursive: true }))

// as protobuf's JSON may come: with a space or without. The last has been added and has not started.
const answer = `{"header":{"cluster_id":"1","member_id":"11"}, "members":[{"ID":"11","name":"one-0a1b2c3d","peerURLs":["https://10.0.0.1:2380"]},
{"ID": "22", "name": "one.b-00000000", "isLearner": true},{"ID":"33","name":"two-12345678"},{"ID":"44","peerURLs":["https://10.0.0.4:2380"]}]}`

/**
 * A k3s of a cluster with a Node `one` and a password of `two`; its etcd answers on one port, and forgets a member it
 * is told to remove.
 */
const k3s = (port: number) => `
k3s() {
  echo "$*" >>${server}/asked
  case $* in
    *'get nodes'*) echo node/one ;;
    *'get secrets'*) echo secret/two.node-password.k3s; echo secret/another ;;
    *:${port}\\ *member/list*) [ -e ${server}/removed ] && echo '{"members":[]}' || cat <<<'${answer}' ;;
    *:${port}\\ *member/remove*) cat >>${server}/removed ;;
    *member*) return 1 ;;
  esac
}
`
const run = async (port: number, script: string) => {
  const there = script
    .replaceAll('/var/lib/rancher/k3s/server', server)
    // a program on this machine that listens there must not count
    .replace(/^etcd_listens\(\)/m, `etcd_listens() { [[ $1 == *:${port} ]]; }\nunused()`)
  const { stdout } = await execa('bash', ['-s'], { input: k3s(port) + there })
  return stdout
}

describe('what the cluster remembers of its hosts', () => {
  it.each([
    ['k3s of today', 2382, ['one', 'one.b', 'two', '10.0.0.4']],
    ['an old k3s', 2379, ['one', 'one.b', 'two', '10.0.0.4']],
    ['a k3s whose etcd has no gateway', 1, []],
  ])('%s', async (_what, port, etcd) => {
    const stdout = await run(port, clusterMembers.script(k3sAccess))
    expect(clusterMembers.parse(stdout)).toEqual({ nodes: ['one'], passwords: ['two'], etcd })
  })
  it('without an embedded etcd nobody is asked for its members', async () => {
    await rm(join(server, 'db'), { recursive: true })
    expect(clusterMembers.parse(await run(2382, clusterMembers.script(k3sAccess))).etcd).toEqual([])
    expect(await readFile(join(server, 'asked'), 'utf8')).not.toContain('member')
  })
})

describe('a name that is forgotten', () => {
  it('is rid of its own etcd members alone, as long as there are any', async () => {
    await run(2382, forgetScript(k3sAccess, 'one.b'))
    expect(await readFile(join(server, 'removed'), 'utf8')).toBe('{"ID": "22"}\n')
  })
  it('is rid of a member that never started, which etcd knows by its address alone', async () => {
    await run(2382, forgetScript(k3sAccess, 'three', ['10.0.0.4']))
    expect(await readFile(join(server, 'removed'), 'utf8')).toBe('{"ID": "44"}\n')
  })
  it('has none where no etcd can be asked', async () => {
    await run(1, forgetScript(k3sAccess, 'one'))
    expect(await readFile(join(server, 'asked'), 'utf8')).toContain(
      'delete node --ignore-not-found --timeout=60s -- one',
    )
  })
})
