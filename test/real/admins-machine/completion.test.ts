import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { setup } from '../../support/keel/build-keel.ts'
import { keelArgv } from '../../support/keel/keel.ts'

/** What Tab gives in the real shells, in an inventory of three hosts, some of whose names no shell may read as code. */
const root = mkdtempSync(join(tmpdir(), 'keel-completion-'))
const programs = join(root, 'bin')
const throws = 'throw new Error("Tab runs nothing of an inventory")'
beforeAll(async () => {
  await setup()
  for (const folder of ['hosts/maia', 'hosts/ocean', 'hosts/$(touch pwned)', 'hosts/a;b', 'secrets', 'bin'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const file of [
    'secrets.ts',
    'hosts/cluster.ts',
    'hosts/luna.ts',
    'secrets/wifi.age',
    'secrets/`touch pwned`.age',
  ])
    writeFileSync(join(root, file), throws)
  writeFileSync(join(root, 'hosts/maia/host.ts'), `${throws}\nexport default { tags: ['rack1', '$(touch pwned)'] }\n`)
  writeFileSync(join(root, 'hosts/ocean/host.yaml'), 'tags:\n  - gpu # not rack2\n  - rack1\n')
  const [node, program] = keelArgv
  writeFileSync(join(programs, 'keel'), `#!/bin/sh\nexec ${shellQuote(node)} ${shellQuote(program)} "$@"\n`)
  chmodSync(join(programs, 'keel'), 0o755)
})
afterAll(() => rmSync(root, { recursive: true }))

const run = async (shell: string, args: readonly string[], input = '') => {
  const env = { PATH: `${programs}:${process.env.PATH}`, HOME: root, TERM: 'xterm' }
  const { stdout } = await execa(shell, args, { cwd: root, env, extendEnv: false, input, timeout: 30_000 })
  return stdout
}

/** Each gives the words that the shell itself offers for a command line that ends with its last word. */
const shells: Readonly<Record<string, (line: readonly string[]) => Promise<readonly string[]>>> = {
  bash: async (line) => {
    const script = `eval "$(keel completion bash)"; COMP_WORDS=(keel "$@"); COMP_CWORD=$#; _keel; printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(await run('bash', ['-c', script, 'bash', ...line]))
  },
  fish: async (line) => {
    const script = 'keel completion fish | source; complete -C (string join " " -- keel $argv)'
    return lines(await run('fish', ['--no-config', '-c', script, '--', ...line])).map(
      (word) => word.split('\t')[0] ?? '',
    )
  },
  zsh: async (line) => {
    // zsh's own reading of the words; what it would list is printed instead
    const script = `compdef() { : }; eval "$(keel completion zsh)"; _files() { : }
_describe() { print -rl -- "\${(@P)2}" }; words=(keel "$@"); CURRENT=$#words; _keel`
    return lines(await run('zsh', ['-f', '-c', script, 'zsh', ...line])).map((word) => word.split(':')[0] ?? '')
  },
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

describe.each(Object.entries(shells))('%s', (_shell, offered) => {
  test.each([
    ['verbs', ['de'], ['deploy']],
    ['verbs of a verb', ['secret', 'i'], ['import']],
    ['hosts, without those that are no plain word', ['plan', ''], ['luna', 'maia', 'ocean']],
    ['a host that is not given yet', ['deploy', 'maia', 'o'], ['ocean']],
    ['secrets', ['secret', 'show', ''], ['wifi']],
    ['options', ['deploy', '--pa'], ['--parallel', '--patience']],
    ['tags, without running the files that have them', ['plan', '--tag', ''], ['gpu', 'rack1']],
    ['hosts of an option', ['plan', '--except', 'm'], ['maia']],
    ['values of an option', ['add-node', 'nova', '--role', ''], ['agent', 'server']],
  ])('%s', async (_what, line, words) => {
    expect([...new Set(await offered(line))].sort()).toEqual(words)
  })
})

test('zsh: Tab on its command line', async () => {
  const script = `zmodload zsh/zpty; zpty z zsh -f -i
zpty -w z 'autoload -Uz compinit; compinit -D -u; eval "$(keel completion zsh)"; echo READY$((1))'
zpty -r -m z line '*READY1*'
zpty -n -w z $'keel depl\\t'
zpty -r -m z line '*keel deploy*'
zpty -d z`
  // ends when what is awaited has been shown
  await run('zsh', ['-f', '-c', script])
})

test('no name of a folder was run', async () => {
  expect(await run('ls', ['-A', root])).not.toContain('pwned')
})
