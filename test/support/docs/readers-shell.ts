import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { keelArgv } from '../keel/keel.ts'

/** What a script of a reader left. */
interface Ran {
  readonly exitCode?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script in a folder, with bash. It ends at the first command that fails. */
export type ReadersShell = (script: string, folder: string) => Promise<Ran>

/**
 * The shell of somebody who reads a page: a home of their own, and keel, git and nothing else on PATH.
 * @param programs a folder for that PATH, which this creates
 */
export function readersShell(home: string, programs: string): ReadersShell {
  mkdirSync(programs, { recursive: true })
  const path = `PATH=${shellQuote(process.env.PATH ?? '')}`
  writeFileSync(join(programs, 'keel'), `#!/bin/sh\n${path} exec ${keelArgv.map(shellQuote).join(' ')} "$@"\n`)
  chmodSync(join(programs, 'keel'), 0o755)
  symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(programs, 'git'))
  const author = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'ada'],
    [`GIT_${who}_EMAIL`, 'ada@home'],
  ])
  return (script, folder) =>
    execa('/bin/bash', ['-eux', '-c', script], {
      cwd: folder,
      env: {
        HOME: home,
        PATH: programs,
        USER: 'ada',
        EDITOR: 'test -f',
        GIT_CONFIG_GLOBAL: '/dev/null',
        ...Object.fromEntries(author),
      },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    })
}
