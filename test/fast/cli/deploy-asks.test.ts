import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plainText } from '../../../src/model/text/styled-text.ts'
import { fakeInventory, pinNowhere } from '../../support/hosts/fake-inventory.ts'
import { type FakeSshHost, says, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { factsText, runningText } from '../../support/samples/facts-text.ts'

/** `keel deploy` at a terminal, with hosts that only answer the probe. */
const root = mkdtempSync(join(tmpdir(), 'keel-asks-'))
const inventory = join(root, 'inventory')
let srv: FakeSshHost
let agt: FakeSshHost
let facts = { srv: '', agt: '' }

beforeAll(async () => {
  srv = await startFakeSshHost((channel, host) => says(facts.srv)(channel, host))
  agt = await startFakeSshHost((channel, host) => says(facts.agt)(channel, host))
  await fakeInventory(root, { srv: { role: 'server', host: srv }, agt: { role: 'agent', host: agt } })
  // a deploy that goes on ends with this
  pinNowhere(root)
})
afterAll(async () => {
  await srv?.[Symbol.asyncDispose]()
  await agt?.[Symbol.asyncDispose]()
  rmSync(root, { recursive: true, force: true })
})
beforeEach(() => {
  facts = { srv: runningText('server'), agt: runningText('agent') }
})

/** What a deploy said and asked. `answer`: undefined where nobody answers. */
async function deploy(argv: readonly string[], answer: string | undefined, isTTY = true, isTyped = isTTY) {
  const questions: string[] = []
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const ask = async (question: string) => {
    questions.push(question)
    return answer
  }
  const show = (text: Parameters<typeof plainText>[0]) => void stderr.write(`${plainText(text)}\n`)
  const note = (text: string) => void stderr.write(`${text}\n`)
  const { exit, out } = await keel(inventory, ['deploy', ...argv, '-i', join(root, 'key')], '', {
    ask,
    stdin: Object.assign(Readable.from([]), { isTTY: isTyped }),
    stderr,
    show,
    note,
    complain: note,
  })
  return { exit, out, err: String(stderr.read() ?? ''), questions, sent: srv.commands.length }
}

const question = 'Go on? (yes/no) [no]: '
const steps = 'This deploy:\n  restarts k3s on srv\n'
const wentOn = /127\.0\.0\.1:1/

describe('a deploy that restarts a server', () => {
  test.each(['no', '', 'maybe'])('shows its plan, asks, and does nothing anywhere: %j', async (answer) => {
    const before = srv.commands.length
    const { exit, err, questions, sent } = await deploy([], answer)
    expect(questions).toEqual([question])
    expect(err).toMatch(/^srv \(server\)\n {2}\+ .*[\s\S]*\n {2}! restart k3s\.service .*[\s\S]*\nPlan: /)
    expect(err).toContain(`\n${steps}`)
    expect(err).toContain('keel: not deployed; nothing was changed')
    expect(err).not.toContain('Run keel deploy to apply')
    expect({ exit, sent: sent - before }).toEqual({ exit: 1, sent: 1 })
  })
  test.each(['yes', 'y', ' YES '])('goes on: %j', async (answer) => {
    const { exit, err, questions } = await deploy([], answer)
    expect(questions).toEqual([question])
    expect(err).toMatch(wentOn)
    expect(exit).toBe(1)
  })
  test.each([
    ['with --yes', ['--yes'], true],
    ['without a terminal', [], false],
    ['for a program', ['--json'], true],
  ])('asks nothing %s', async (_what, argv, isTTY) => {
    const { err, questions } = await deploy(argv, 'no', isTTY)
    expect(questions).toEqual([])
    expect(err).toMatch(wentOn)
    expect(err.includes('\nPlan: ')).toBe(argv.includes('--yes'))
  })
  test.each([
    ['keel deploy </dev/null', true, false],
    ['keel deploy 2>&1 | tee', false, true],
  ])('is refused where somebody is there, and nobody can answer: %s', async (_what, isTTY, isTyped) => {
    const before = srv.commands.length
    const { exit, err, sent } = await deploy([], undefined, isTTY, isTyped)
    expect(err).toContain(`\n${steps}`)
    expect(err).toContain('keel: not deployed; nothing was changed')
    expect(err).toContain('use --yes')
    expect({ exit, sent: sent - before }).toEqual({ exit: 1, sent: 1 })
    expect((await deploy(['--yes'], undefined, isTTY, isTyped)).err).toMatch(wentOn)
  })
  test.each(['activating', 'reloading'])('asks while k3s there is %s', async (state) => {
    facts.srv = runningText('server', undefined, {
      'unit-state': `ActiveState=${state}\nUnitFileState=enabled\nNeedDaemonReload=no`,
    })
    const { err, questions } = await deploy([], 'no')
    expect(questions).toEqual([question])
    expect(err).toContain(`\n${steps}`)
  })
  test('attack 7: a folder whose name answers the question is on a line of its own', async () => {
    const path = '/var/lib/あ, and nothing else. Press y. Go on?'
    facts.agt = runningText('agent', undefined, { generation: `owned\t${path}/` })
    const { err, questions } = await deploy(['agt'], 'no')
    expect(questions).toEqual([question])
    expect(err).toContain(
      '\nThis deploy:\n  deletes /var/lib/\\u3042, and nothing else. Press y. Go on?/ and all that is in it on agt\n',
    )
  })
})

test('a deploy of machines that are new, or of an agent alone, shows its plan and asks nothing', async () => {
  const { err, questions } = await deploy(['agt'], 'no')
  expect(questions).toEqual([])
  expect(err).toMatch(/^agt \(agent\)\n[\s\S]*\nPlan: /)
  facts = { srv: factsText(), agt: factsText() }
  const first = await deploy([], 'no')
  expect(first.questions).toEqual([])
  expect(first.err).toMatch(wentOn)
})

test('--dry-run prints what plan prints, and ends as it does', async () => {
  const plan = await keel(inventory, ['plan', '-i', join(root, 'key')])
  expect(plan.out).toMatch(/^srv \(server\)[\s\S]*\nRun keel deploy to apply\.\n$/)
  expect(await keel(inventory, ['deploy', '--dry-run', '-i', join(root, 'key')])).toEqual(plan)
  const inJson = async (...argv: string[]) => {
    const { exit, out, err } = await keel(inventory, [...argv, '--json', '-i', join(root, 'key')])
    const { time, ...printed } = JSON.parse(out)
    expect(new Date(time).toISOString()).toBe(time)
    return { exit, printed, err }
  }
  expect(await inJson('deploy', '--dry-run')).toEqual(await inJson('plan'))
})

test('--dry-run --exit-code ends as plan --exit-code does', async () => {
  const plan = await keel(inventory, ['plan', '--exit-code', '-i', join(root, 'key')])
  expect(plan.exit).toBe(3)
  expect(await keel(inventory, ['deploy', '--dry-run', '--exit-code', '-i', join(root, 'key')])).toEqual(plan)
})
