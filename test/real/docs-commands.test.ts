import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateKeyPair } from '../../src/lab/host/ssh-keys.ts'
import { type Block, blocksOf, commandsOf, type DocCommand, pages, textOf } from '../support/docs/blocks.ts'
import { reasonNotToRun } from '../support/docs/not-run.ts'
import { type ReadersShell, readersShell } from '../support/docs/readers-shell.ts'
import { exitCodes, stages } from '../support/docs/stages.ts'
import { setup } from '../support/keel/build-keel.ts'

/**
 * The commands of README.md and docs/, in each page's order, as a reader's shell runs them: in a folder of the page,
 * with keel, git and nothing else on PATH. test/support/docs/not-run.ts has those that are left out, and why; stages.ts
 * has what is there before.
 */
const scratch = mkdtempSync(join(tmpdir(), 'keel-docs-'))
const [home, programs] = [join(scratch, 'home'), join(scratch, 'programs')]
const admin = generateKeyPair()
let shell: ReadersShell
afterAll(() => rmSync(scratch, { recursive: true }))

beforeAll(async () => {
  await setup()
  for (const folder of [`${home}/.ssh`, `${home}/keys`]) mkdirSync(folder, { recursive: true })
  writeFileSync(`${home}/.ssh/id_ed25519`, admin.private, { mode: 0o600 })
  writeFileSync(`${home}/.ssh/id_ed25519.pub`, `${admin.public} ada@home\n`)
  shell = readersShell(home, programs)
})

const runs = ({ page, text }: DocCommand) => reasonNotToRun(page, text) === undefined
/** The placeholder for a public key, each time another one. */
const withKeys = (text: string) => text.replaceAll('ssh-ed25519 AAAA…', () => generateKeyPair().public)

/** One shell for a block: `cd` and what is set last to its end. What `console` shows is compared. */
async function runBlock(block: Block, folder: string): Promise<void> {
  for (const commands of block.language === 'console' ? commandsOf(block).map((one) => [one]) : [commandsOf(block)]) {
    const prints = commands[0]?.prints
    const script = commands.filter(runs).map(({ page, text }) => {
      const exitCode = exitCodes[`${page}: ${text}`]
      return exitCode === undefined ? withKeys(text) : `${withKeys(text)} || [ $? = ${exitCode} ]`
    })
    const { exitCode, stdout, stderr } = await shell(script.join('\n'), folder)
    if (prints === undefined) expect(exitCode, `${block.page}:${block.line}\n${stdout}\n${stderr}`).toBe(0)
    else expect(stdout, `${block.page}:${block.line}\n${stderr}`).toBe(prints)
  }
}

const told = pages
  .map((page) => ({ page, blocks: blocksOf(page, textOf(page)).filter((block) => commandsOf(block).some(runs)) }))
  .filter(({ blocks }) => blocks.length > 0)

test.each(told)('$page', async ({ page, blocks }) => {
  const folder = join(scratch, page)
  mkdirSync(folder, { recursive: true })
  const stage = { folder, home, publicKey: admin.public }
  await stages[page]?.(stage)
  for (const block of blocks) {
    await stages[`${page}: ${block.heading}`]?.(stage)
    await runBlock(block, folder)
  }
})

test('nothing is prepared for a page, heading or command that is not there', () => {
  const blocks = told.flatMap(({ blocks }) => blocks)
  const behind = (block: Block) => [block.heading, ...commandsOf(block).map(({ text }) => text)]
  const names = blocks.flatMap((block) => [block.page, ...behind(block).map((name) => `${block.page}: ${name}`)])
  expect(names).toEqual(expect.arrayContaining([...Object.keys(stages), ...Object.keys(exitCodes)]))
})
