import { SHELLS } from '../completion/shells.ts'
import { ExitCode, KeelError } from '../errors.ts'
import bash from '../templates/completion/bash.sh'
import fish from '../templates/completion/fish.sh'
import zsh from '../templates/completion/zsh.sh'
import type { Command } from './shared/command.ts'

const scripts: Readonly<Record<(typeof SHELLS)[number], string>> = { bash, zsh, fish }

export const completion: Command<{ readonly shell: string }> = {
  name: 'completion <shell>',
  summary: 'print what completes verbs, options, hosts, secrets and labs in bash, zsh or fish',
  options: [],
  examples: [
    ['keel completion bash > ~/.local/share/bash-completion/completions/keel', 'bash finds it there'],
    ['keel completion fish > ~/.config/fish/completions/keel.fish', 'fish finds it there'],
  ],
  exits: [],
  async run({ shell }, io) {
    const known = SHELLS.find((one) => one === shell)
    if (known === undefined) throw unknownShell(shell)
    io.stdout.write(scripts[known])
    return ExitCode.Done
  },
}

function unknownShell(shell: string): KeelError {
  return new KeelError({
    code: 'usage',
    found: `no completion for ${shell}`,
    todo: `choose one of ${SHELLS.join(', ')}`,
    exit: ExitCode.Usage,
  })
}
