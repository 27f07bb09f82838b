import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { drainScript, uncordonScript } from '../../../../src/deploy/through/drain-script.ts'
import { k3sAccess } from '../../../../src/desired/distribution/k3s/access.ts'

const key = 'keel.internal/cordoned-by'
const cordon = `patch ${JSON.stringify({ metadata: { annotations: { [key]: 'd1' } }, spec: { unschedulable: true } })}`
const giveBack = `patch ${JSON.stringify([
  { op: 'test', path: '/metadata/annotations/keel.internal~1cordoned-by', value: 'd1' },
  { op: 'remove', path: '/metadata/annotations/keel.internal~1cordoned-by' },
  { op: 'add', path: '/spec/unschedulable', value: false },
])}`

/**
 * Runs the script of a drain.
 * @param before what the API says of the Node: its name, whether it is cordoned, and which deploy has done that
 * @param drains what kubectl does to evict
 * @returns what was asked of the API, in order
 */
async function drained(before: string, drains = 'true') {
  const k3s = `k3s() {
  case $2 in
    get) printf '%s' '${before}' ;;
    patch) printf 'patch %s\\n' "$6" >&3; [ "$4 $5" = '--type=merge --patch' ] || [ "$4 $5" = '--type=json --patch' ] ;;
    drain) echo drain >&3; ${drains} ;;
  esac
}
exec 3>&1
`
  const script = drainScript(k3sAccess, { node: 'maia', by: 'd1', seconds: 9 })
  const { stdout, failed } = await execa('bash', ['-s'], { input: k3s + script, reject: false })
  return { asked: stdout.split('\n').filter((line) => line !== ''), failed }
}

describe('a Node that is drained', () => {
  it.each([
    ['nobody has cordoned', 'maia::'],
    ['an interrupted deploy has cordoned', 'maia:true:d0'],
    ['somebody has uncordoned after that', 'maia::d0'],
  ])('says by which deploy it is cordoned: one that %s', async (_what, before) => {
    expect(await drained(before)).toEqual({ asked: [cordon, 'drain'], failed: false })
  })

  it.each([
    ['fails', 'return 1'],
    ['is ended', 'kill -TERM $$; return 1'],
    ['loses the one whom it tells', 'kill -PIPE $$; return 1'],
  ])('takes Pods again where the drain %s, if no later deploy has taken it over', async (_what, drains) => {
    expect(await drained('maia::', drains)).toEqual({ asked: [cordon, 'drain', giveBack], failed: true })
  })

  it('stays cordoned where somebody else has done that', async () => {
    expect(await drained('maia:true:', 'return 1')).toEqual({ asked: ['drain'], failed: true })
  })

  it('that is gone has no Pods', async () => {
    expect(await drained('')).toEqual({ asked: [], failed: false })
  })
})

it('a Node that is uncordoned has no note of it any more', async () => {
  const script = `k3s() { printf '[%s]' "$@" >&3; }\nexec 3>&1\n${uncordonScript(k3sAccess, 'maia')}`
  const { stdout } = await execa('bash', ['-s'], { input: script })
  const patch = JSON.stringify({ metadata: { annotations: { [key]: null } }, spec: { unschedulable: null } })
  expect(stdout).toBe(`[kubectl][patch][node][--type=merge][--patch][${patch}][--request-timeout=30s][--][maia]`)
})
