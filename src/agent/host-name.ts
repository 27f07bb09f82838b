import { ExitCode, KeelError } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import { parseHostName } from '../model/names.ts'

/** @throws KeelError `agent-node-name` (exit 2), for a host name that is missing or none */
export function hostName(text: string | undefined): HostName {
  try {
    return parseHostName(text ?? '')
  } catch {
    throw new KeelError({
      code: 'agent-node-name',
      found: text === undefined ? 'no NODE_NAME in the environment' : 'a NODE_NAME that is no name of a host',
      why: 'the agent asks for the certificates of the Node with this name, and of no other',
      todo: 'start it by its unit, which sets NODE_NAME: systemctl start keel-agent',
      exit: ExitCode.Usage,
    })
  }
}
