import { ExitCode, KeelError } from '../errors.ts'
import type { SecretRule } from '../model/cluster.ts'

export function missingFile({ name, file, generate }: SecretRule): KeelError {
  return new KeelError({
    code: 'secret-no-value',
    at: file,
    found: `there is no value for ${name} yet`,
    todo:
      generate === undefined
        ? `keel secret set ${name} < FILE`
        : 'restore the file from git; in an inventory that was never deployed: keel rekey',
    exit: ExitCode.Usage,
  })
}
