import { Redactor } from '../../deploy/redact.ts'
import type { ScriptWatcher } from '../../ssh/watched-transport.ts'
import { describeScript, describeText } from '../../ui/run/describe-script.ts'
import type { Io } from './command.ts'

/** Tells `-v`, `-vv` and the log of the scripts that hosts run. A script's stdin, where secrets are, is in none. */
export function scriptWatcher({ run, note }: Pick<Io, 'run' | 'note'>): ScriptWatcher {
  const redactor = new Redactor()
  return {
    begins(host, script, text) {
      // keel's own scripts have no secret; a program of `keel exec` may
      if (run.verbosity === 'texts') note(describeText(host, script, redactor.clean(text)))
    },
    ended(ran) {
      const entry = { event: 'script', ...ran } as const
      run.script(entry)
      if (run.verbosity === 'scripts' || run.verbosity === 'texts') note(describeScript(entry))
    },
  }
}
