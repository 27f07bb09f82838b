import { parseArgs } from 'node:util'
import { ended } from '../../agent/ended.ts'
import { logTo } from '../../agent/log.ts'
import { readConfiguration } from '../../agent/read-configuration.ts'
import { describeFault, ExitCode, KeelError } from '../../errors.ts'
import { vkubeletConfigSchema } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { isQuestion, tellOwnNode } from './own-node.ts'
import { runProgram } from './run-program.ts'

/**
 * `keel-vkubelet`: runs the Pods of this host's Node until it is told to end (SIGTERM, SIGINT). `keel-vkubelet node json`
 * and the like print what the API server has of the Node.
 * @returns the exit code: 0; 1 without an answer; 2 for a wrong command line or configuration
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { path, question } = wordsOf(args)
    const configuration = await readConfiguration(path, vkubeletConfigSchema)
    if (question !== undefined) return await tellOwnNode(configuration, question)
    const ending = new AbortController()
    void ended().then(() => ending.abort())
    await runProgram(configuration, logTo(process.stderr, configuration.log.level), ending.signal)
    return ExitCode.Done
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    process.stderr.write(`${describeFault(error)}\n`)
    return error.exit
  }
}

function wordsOf(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { config: { type: 'string' } },
      allowPositionals: true,
    })
    const [verb, question, ...more] = positionals
    const isKnown = verb === undefined || (verb === 'node' && isQuestion(question) && more.length === 0)
    if (values.config !== undefined && isKnown)
      return { path: values.config, question: isQuestion(question) ? question : undefined }
  } catch {
    // the same answer for whatever is wrong with it
  }
  throw new KeelError({
    code: 'agent-usage',
    found: 'a command line that keel-vkubelet does not know',
    todo: 'start it by its unit: systemctl start keel-vkubelet',
    exit: ExitCode.Usage,
  })
}
