import { expect } from 'vitest'
import { readersShell } from './readers-shell.ts'
import { commandsUnder } from './story.ts'

/**
 * Runs the commands of pages as their reader does, in an inventory.
 * @param programs a folder for what is on the reader's PATH, which this creates
 */
export function pageRunner(home: string, inventory: string, programs: string) {
  const shell = readersShell(home, programs)

  /** The commands under a heading, each with its exit status and what it has printed. */
  async function runs(page: string, heading: string, isLeftOut: (text: string) => boolean = () => false) {
    const ran: { readonly text: string; readonly exitCode: number; readonly stdout: string }[] = []
    for (const { text } of commandsUnder(page, heading).filter((one) => !isLeftOut(one.text))) {
      // a rollout that fails does so after its whole time
      const { exitCode = -1, stdout, stderr } = await shell(text.replace('--timeout=2m', '--timeout=15s'), inventory)
      ran.push({ text, exitCode, stdout: exitCode === 0 ? stdout : `${stdout}${stderr}` })
    }
    return ran
  }

  return {
    runs,
    /** The same of commands that all have to end well. @returns what each has printed */
    printed: async (...of: Parameters<typeof runs>) =>
      (await runs(...of)).map(({ exitCode, stdout }) => {
        expect(exitCode, stdout).toBe(0)
        return stdout.trim()
      }),
  }
}
