import { ExitCode, KeelError } from '../errors.ts'
import { nearest } from '../model/text/nearest.ts'
import bash from '../templates/completion/bash.sh'
import fish from '../templates/completion/fish.sh'
import zsh from '../templates/completion/zsh.sh'
import type { Command } from './shared/command.ts'

const shells: Readonly<Record<string, string>> = { bash, zsh, fish }

export const completion: Command<{ readonly shell: string }> = {
  name: 'completion <shell>',
  summary: 'print what completes verbs, options, hosts, secrets and labs in bash, zsh or fish',
  options: [],
  async run({ shell }, io) {
    const text = Object.hasOwn(shells, shell) ? shells[shell] : undefined
    if (text === undefined) throw unknownShell(shell)
    io.stdout.write(text)
    return ExitCode.Done
  },
}

function unknownShell(shell: string): KeelError {
  const hint = nearest(shell, Object.keys(shells))
  return new KeelError({
    code: 'usage',
    found: `no completion for ${shell}`,
    todo: hint === undefined ? `keel has it for ${Object.keys(shells).join(', ')}` : `did you mean ${hint}?`,
    exit: ExitCode.Usage,
  })
}
