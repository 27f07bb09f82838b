import { readFile } from 'node:fs/promises'
import type * as z from 'zod'
import { ExitCode, KeelError, systemCode } from '../errors.ts'
import { jsonText } from '../model/text/json-text.ts'

/**
 * A file that keel writes for a program of its own.
 * @throws KeelError `agent-config` (exit 2) for a file that cannot be read, or that the program does not know
 */
export async function readConfiguration<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw wrong(path, `a configuration that cannot be read (${systemCode(error)})`)
  })
  const json = jsonText.safeParse(text)
  if (!json.success) throw wrong(path, 'a configuration that is not JSON')
  const read = schema.safeParse(json.data)
  if (read.success) return read.data
  const [issue] = read.error.issues
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
