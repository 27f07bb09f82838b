import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Entry } from '../../../src/kubeconfig/kubeconfig.ts'
import { mergedInto } from '../../../src/kubeconfig/merge.ts'

const credentials = { ca: 'CA', certificate: 'CERTIFICATE', key: 'KEY' }
const home: Entry = { name: 'home', server: 'https://10.0.0.1:6443', credentials }
const base64 = (text: string) => Buffer.from(text).toString('base64')

const alone = `apiVersion: v1
kind: Config
clusters:
  - cluster:
      certificate-authority-data: Q0E=
      server: https://10.0.0.1:6443
    name: home
users:
  - user:
      client-certificate-data: Q0VSVElGSUNBVEU=
      client-key-data: S0VZ
    name: admin@home
contexts:
  - context:
      cluster: home
      user: admin@home
    name: admin@home
current-context: admin@home
`

const work = `# mine
apiVersion: v1
kind: Config
clusters:
- name: work # the other one
  cluster: {server: "https://work:6443", certificate-authority-data: V09SSw==}
users:
- name: me
  user: {exec: {command: aws}}
contexts:
- name: work
  context: {cluster: work, user: me, namespace: mine}
current-context: work
preferences: {}
`

describe('a cluster is added to a kubeconfig', () => {
  test.each([
    ['that is not there', undefined],
    ['that is empty', ''],
    ['with a comment alone', '# mine\n'],
    ['with empty lists, as kubectl writes it', 'apiVersion: v1\nkind: Config\nclusters: []\nusers: null\n'],
  ])('%s', (_what, text) => {
    expect(parse(mergedInto('config', text, home).text)).toEqual(parse(alone))
  })

  test('as a file that reads well', () => {
    expect(mergedInto('config', undefined, home)).toEqual({ text: alone })
  })

  test('under a name that YAML 1.1 takes for a truth value', () => {
    const { text } = mergedInto('config', undefined, { ...home, name: 'no' })
    expect(parse(text, { version: '1.1' })).toMatchObject({
      clusters: [{ name: 'no' }],
      contexts: [{ context: { cluster: 'no' } }],
    })
  })

  test('beside others: all of theirs stays, comments too; the current context is told', () => {
    const { text, before } = mergedInto('config', work, home)
    expect(before).toBe('work')
    expect(text).toContain('# mine')
    expect(text).toContain('# the other one')
    const [merged, old, added] = [parse(text), parse(work), parse(alone)]
    for (const list of ['clusters', 'users', 'contexts']) expect(merged[list]).toEqual([...old[list], ...added[list]])
    expect(merged).toMatchObject({ preferences: {}, 'current-context': 'admin@home' })
  })

  test('twice: the same as once', () => {
    const once = mergedInto('config', work, home).text
    expect(mergedInto('config', once, home)).toEqual({ text: once })
  })

  test('again after its credentials and address have changed: what the user added stays', () => {
    const mine = alone
      .replace('    name: home', '      proxy-url: socks5://localhost:1\n    name: home')
      .replace('cluster: home\n', 'cluster: home\n      namespace: apps\n')
    const renewed = {
      ...home,
      server: 'https://10.0.0.9:6443',
      credentials: { ...credentials, certificate: 'NEW', key: 'NEWKEY' },
    }
    const merged = parse(mergedInto('config', mine, renewed).text)
    expect(merged.clusters).toEqual([
      {
        name: 'home',
        cluster: {
          'certificate-authority-data': base64('CA'),
          server: 'https://10.0.0.9:6443',
          'proxy-url': 'socks5://localhost:1',
        },
      },
    ])
    expect(merged.users[0].user).toEqual({
      'client-certificate-data': base64('NEW'),
      'client-key-data': base64('NEWKEY'),
    })
    expect(merged.contexts[0].context).toEqual({ cluster: 'home', user: 'admin@home', namespace: 'apps' })
  })

  test('to any other: every cluster, user and context of it is as it was (property)', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !['home', 'admin@home'].includes(text))
    const list = (key: string) =>
      fc.uniqueArray(
        fc.record({
          name,
          [key]: fc.dictionary(
            fc.string().filter((one) => one !== '__proto__' && one !== '<<'),
            fc.string(),
          ),
        }),
        {
          selector: (item) => item.name,
        },
      )
    const config = fc.record({ clusters: list('cluster'), users: list('user'), contexts: list('context') })
    fc.assert(
      fc.property(config, (others) => {
        const merged = parse(mergedInto('config', stringify(others), home).text)
        for (const key of ['clusters', 'users', 'contexts'] as const)
          expect(merged[key].slice(0, -1)).toEqual(others[key])
      }),
    )
  })
})

describe('refused, with nothing lost', () => {
  test.each([
    ['kubeconfig-damaged', 'a list', '- a\n'],
    ['kubeconfig-damaged', 'text', 'hello\n'],
    ['kubeconfig-damaged', 'damaged YAML', 'a: [\n'],
    ['kubeconfig-damaged', 'two documents', `${alone}---\n${alone}`],
    ['kubeconfig-damaged', 'another kind', 'kind: Pod\n'],
    ['kubeconfig-damaged', 'clusters that are no list', 'clusters: {a: b}\n'],
    ['kubeconfig-damaged', 'clusters that are no maps', 'clusters: [a]\n'],
    ['kubeconfig-damaged', 'a user without a user', 'users: [{name: admin@home}]\n'],
    [
      'kubeconfig-damaged',
      'an alias of the user that is replaced',
      `${alone.replace('- user:', '- user: &me')}extensions: [*me]\n`,
    ],
    ['kubeconfig-taken', 'a cluster of this name with another CA', alone.replace('Q0E=', 'T1RIRVI=')],
    [
      'kubeconfig-taken',
      'a cluster of this name without a CA',
      'clusters: [{name: home, cluster: {server: "https://a"}}]\n',
    ],
    ['kubeconfig-taken', 'a user of this name alone', 'users: [{name: admin@home, user: {token: a}}]\n'],
    [
      'kubeconfig-taken',
      'a context of this name alone',
      'contexts: [{name: admin@home, context: {cluster: work, user: me}}]\n',
    ],
    ['kubeconfig-taken', 'a context of this name for another cluster', alone.replace('cluster: home', 'cluster: work')],
  ])('%s: %s', (code, _what, text) => {
    expect(() => mergedInto('config', text, home)).toThrow(expect.objectContaining({ code, at: 'config', exit: 2 }))
  })
})
