/**
 * The README's second command: installs what the tests need, runs all of them, ends with `N passed, N failed`. What
 * takes long to make (the lab's root, the look-alike) is made behind the linter and the fast tests, and what takes long
 * to download is installed. The tests with real programs and those of Go run beside the large labs, which wait as much as
 * they work: beside all labs, those that measure get too little of a slow machine.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { goEnvironment } from '../src/lab/machine/go-environment.ts'
import { installMissing, realPackages, testPackages } from './system-packages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
interface Count {
  readonly passed: number
  readonly failed: number
  /**
   * Those among them that attack keel: their titles begin with `attack` and the finding's number (docs/security.md).
   */
  readonly attacks?: Count
  /** What failed, with the first lines of why: told once more at the end, where a long run is read first. */
  readonly faults?: readonly string[]
}

/** A third of the processor time where a test wants it: the lab is made behind the fast tests. */
const behind = 5
/** A tenth, and what nobody else wants. */
const inTheGaps = 10
/** Of the machine: the two largest labs at once need more than it may have. */
const inotifyInstances = '/proc/sys/fs/inotify/max_user_instances'
const say = (text: string) => process.stdout.write(`${text}\n`)
const started = performance.now()
const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`

await installs(testPackages)
await execa('npm', ['run', 'build', '--silent'], { cwd: root })

const warm = execa('nice', ['-n', `${behind}`, 'node', 'bin/keel.js', 'lab', 'prepare'], {
  cwd: root,
  all: true,
  reject: false,
})
// so that nobody waits for the downloads
const installed = installs(realPackages).then(
  (): Count => ({ passed: 0, failed: 0 }),
  (error: Error): Count => {
    say(error.message)
    return { passed: 0, failed: 1 }
  },
)
const counts: Count[] = [await passes('lint', 'npm', ['run', 'lint', '--silent']), await vitest('fast')]
const prepared = await warm
say(`lab prepared (${seconds()})`)
if (prepared.failed) {
  say(prepared.all ?? '')
  counts.push({ passed: 0, failed: 1 })
}
counts.push(await vitest('lab'), await installed)
const beside = [vitest('real', inTheGaps), goTests(inTheGaps)]
await withInotifyInstances(1024, async () => counts.push(await vitest('lab-large')))
counts.push(await vitest('lab-alone'), ...(await Promise.all(beside)))

const total = counts.reduce((sum: Count, { passed, failed }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
}))
const attacks = counts.map(({ attacks = { passed: 0, failed: 0 } }) => attacks)
const held = attacks.reduce((sum, { passed }) => sum + passed, 0)
const tried = attacks.reduce((sum, { failed }) => sum + failed, held)
say(`attacks: ${tried} tried, ${held} held`)
for (const fault of counts.flatMap(({ faults = [] }) => faults)) say(fault)
say(`all of it took ${seconds()}`)
say(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1

async function installs(packages: readonly string[]): Promise<void> {
  const missing = await installMissing(packages)
  if (missing.length > 0) say(`installed ${missing.join(' ')}`)
}

/**
 * Raises the machine's inotify instances to `count`, if it has fewer. If the system refuses that, vitest.config.ts runs
 * one file at a time. In the end the machine always gets its own number back.
 */
async function withInotifyInstances(count: number, work: () => Promise<unknown>): Promise<void> {
  const asFound = readFileSync(inotifyInstances, 'utf8')
  const set = (value: string) => {
    try {
      writeFileSync(inotifyInstances, value)
    } catch {}
  }
  const putBack = () => set(asFound)
  const end = () => process.exit(1)
  process.once('exit', putBack)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  set(`${Math.max(count, Number(asFound))}`)
  try {
    await work()
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end)
    process.off('exit', putBack)
    putBack()
  }
}

async function passes(name: string, command: string, args: readonly string[]): Promise<Count> {
  const { failed, all } = await execa(command, args, { cwd: root, all: true, reject: false })
  if (failed) say(all ?? '')
  say(`${name}: ${failed ? 'failed' : 'passed'} (${seconds()})`)
  return failed ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 }
}

/**
 * vitest prints for people and counts for us; a run that dies without a count has failed. What runs beside another one
 * prints when it ends.
 */
async function vitest(project: string, niceness = 0): Promise<Count> {
  const report = `${root}node_modules/.vitest-${project}.json`
  await rm(report, { force: true })
  const isBeside = niceness > 0
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { failed, all } = await execa(
    'nice',
    ['-n', `${niceness}`, 'vitest', 'run', '--project', project, ...reports],
    {
      cwd: root,
      preferLocal: true,
      stdin: 'ignore',
      ...(isBeside ? { all: true } : { stdout: 'inherit', stderr: 'inherit' }),
      env: { KEEL_IS_BUILT: 'yes' },
      reject: false,
    },
  )
  if (isBeside) say(all ?? '')
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    testResults = [],
  } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'))
  const counted = failed && numFailedTests === 0 ? 1 : numFailedTests
  say(`${project}: ${numPassedTests} passed, ${counted} failed (${seconds()})`)
  return {
    passed: numPassedTests,
    failed: counted,
    attacks: attacksIn(testResults),
    faults: faultsIn(project, testResults),
  }
}

/** As vitest's JSON reporter writes it. */
interface FileResult {
  readonly name: string
  /** Of the file as a whole, where no test came to run. */
  readonly message?: string
  readonly status: string
  readonly assertionResults: readonly {
    readonly title: string
    readonly fullName: string
    readonly status: string
    readonly failureMessages?: readonly string[] | null
  }[]
}

function faultsIn(project: string, files: readonly FileResult[]): readonly string[] {
  return files.flatMap(({ name, status, message = '', assertionResults }) => {
    const where = `failed: ${project} ${relative(root, name)}`
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName, failureMessages }) => `${where}: ${fullName}\n${firstLines(failureMessages?.[0] ?? '')}`)
    return tests.length === 0 && status === 'failed' ? [`${where}\n${firstLines(message)}`] : tests
  })
}

function firstLines(text: string): string {
  return text.split('\n', 12).join('\n').replace(/^/gm, '  ')
}

function attacksIn(files: readonly FileResult[]): Count {
  const statuses = files.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ title }) => /^attack \d+/.test(title)).map(({ status }) => status),
  )
  const passed = statuses.filter((status) => status === 'passed').length
  return { passed, failed: statuses.length - passed }
}

/**
 * The look-alike's own packages; those that link Kubernetes have no tests here and are exercised in the lab. They share
 * what Go has compiled for the look-alike (otherwise 450 packages are compiled once more, for minutes).
 */
async function goTests(niceness: number): Promise<Count> {
  const options = { cwd: `${root}test/lookalike`, env: goEnvironment, reject: false, maxBuffer: 1e8 } as const
  const listed = await execa('go', ['list', '-f', '{{if .TestGoFiles}}{{.ImportPath}}{{end}}', './...'], options)
  const packages = listed.stdout.split('\n').filter((line) => line !== '')
  const test = ['-n', `${niceness}`, 'go', 'test', '-json', ...packages]
  const { stdout, failed, stderr } = await execa('nice', test, options)
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): { Action: string; Test?: string; Output?: string } => JSON.parse(line))
  const ended = (action: string) => events.filter(({ Action, Test }) => Action === action && Test !== undefined).length
  if (failed) say(events.map(({ Output = '' }) => Output).join('') + stderr)
  const counted = failed && ended('fail') === 0 ? 1 : ended('fail')
  say(`go: ${ended('pass')} passed, ${counted} failed (${seconds()})`)
  return { passed: ended('pass'), failed: counted }
}
