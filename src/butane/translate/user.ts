import type { Path } from '../report.ts'
import type { ButaneUser, IgnitionUser } from '../schema/config.ts'
import { textOfBytes } from '../text.ts'
import { LocalFileError } from './local-files.ts'
import type { Translation } from './translation.ts'

/** A user with the keys of local files after those in the config: one key for each line, whatever the line contains. */
export function translateUser(user: ButaneUser, path: Path, { files, origins, report }: Translation): IgnitionUser {
  const { sshAuthorizedKeysLocal: local, ...rest } = user
  const sshAuthorizedKeys = [...rest.sshAuthorizedKeys]
  const origin = [...path, 'ssh_authorized_keys_local']
  if (local.length > 0 && files.missing !== undefined) {
    report.error(origin, files.missing.message)
    return rest
  }
  local.forEach((name, index) => {
    const contents = files.read(name)
    if (contents instanceof LocalFileError) {
      report.error([...origin, index], contents.message)
      return
    }
    for (const line of textOfBytes(contents).split(/\r?\n/)) {
      if (line === '') continue
      origins.add([...path, 'sshAuthorizedKeys', sshAuthorizedKeys.length], [...origin, index])
      sshAuthorizedKeys.push(line)
    }
  })
  return { ...rest, sshAuthorizedKeys }
}
