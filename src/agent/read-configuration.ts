import { readFile } from 'node:fs/promises'
import { ExitCode, KeelError, systemCode } from '../errors.ts'
import { type AgentConfig, agentConfigSchema } from '../model/keel-agent/agent-config.ts'
import { jsonText } from '../model/text/json-text.ts'

/** @throws KeelError `agent-config` (exit 2) for a file that cannot be read, or that the agent does not know */
export async function readConfiguration(path: string): Promise<AgentConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw wrong(path, `a configuration that cannot be read (${systemCode(error)})`)
  })
  const json = jsonText.safeParse(text)
  if (!json.success) throw wrong(path, 'a configuration that is not JSON')
  const { data, error } = agentConfigSchema.safeParse(json.data)
  if (data !== undefined) return data
  const [issue] = error.issues
  throw wrong(path, `a configuration that the agent does not know, at ${issue?.path.join('.') || 'its top'}`)
}

function wrong(at: string, found: string): KeelError {
  return new KeelError({
    code: 'agent-config',
    at,
    found,
    todo: 'run `keel deploy` for this host: it writes the file that this version of the agent knows',
    exit: ExitCode.Usage,
  })
}
