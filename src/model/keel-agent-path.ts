import { ExitCode, KeelError } from '../errors.ts'
import { parseCleanPath } from './host-file-path.ts'
import { quote } from './names.ts'

/** What the keel-agent's unit hides from it (ProtectHome=, PrivateTmp=). */
const HIDDEN = ['/home', '/root', '/run/user', '/tmp', '/var/tmp']

/** A path on a host that the keel-agent can see. @throws KeelError `file-path` or `keel-agent-path` (exit 2). */
export function parseVisiblePath(text: string): string {
  const path = parseCleanPath(text)
  const hidden = HIDDEN.find((folder) => path === folder || path.startsWith(`${folder}/`))
  if (hidden === undefined) return path
  throw new KeelError({
    code: 'keel-agent-path',
    found: `${quote(path)}, which the keel-agent does not see`,
    why: `its unit hides ${hidden} from it`,
    todo: 'choose another place, below /etc, /run or /var/lib',
    exit: ExitCode.Usage,
  })
}
