import { execa } from 'execa'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import type { AgenixRule } from './rules.ts'

const schema = z.record(z.string(), z.object({ keys: z.array(z.string()), armor: z.boolean() }))
const EXPRESSION =
  '{ path }: builtins.mapAttrs (name: rule: { keys = rule.publicKeys; armor = rule.armor or false; }) (import path)'
/** A secrets.nix takes milliseconds; one that fetches or never ends is not waited for. */
const SECONDS = 20

/**
 * What a secrets.nix says, by Nix itself, which builds nothing and stores nothing.
 * @returns undefined where Nix is not installed
 * @throws KeelError `agenix-nix` (exit 2) when Nix refuses, takes too long, or it is no set of rules
 */
export async function evaluateWithNix(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly AgenixRule[] | undefined> {
  const options = ['--eval', '--strict', '--json', '--store', 'dummy://', '--option', 'allow-import-from-derivation', 'false']
  const { exitCode, stdout, stderr, timedOut, code } = await execa(
    'nix-instantiate',
    [...options, '--argstr', 'path', path, '-E', EXPRESSION],
    {
      env,
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: SECONDS * 1000,
      forceKillAfterDelay: 1000,
      maxBuffer: 1e8,
    },
  )
  if (code === 'ENOENT') return undefined
  if (timedOut) throw refused(path, `Nix has not read it in ${SECONDS} s`)
  if (exitCode !== 0) throw refused(placeOf(stderr) ?? path, `Nix refuses it: ${firstError(stderr)}`)
  const rules = schema.safeParse(JSON.parse(stdout))
  if (!rules.success) throw refused(path, 'it does not say { "FILE.age".publicKeys = [ "…" ]; }')
  return Object.entries(rules.data)
    .map(([file, { keys, armor }]) => ({ file, keys, armor }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

/** Nix ends a trace with the place of the error itself. */
function placeOf(stderr: string): string | undefined {
  return [...stderr.matchAll(/^ *at (\/.*:\d+:\d+):/gm)].at(-1)?.[1]
}

function firstError(stderr: string): string {
  return (/error: (.*)/.exec(stderr)?.[1] ?? stderr.trim()).slice(0, 300)
}

function refused(at: string, found: string): KeelError {
  return new KeelError({
    code: 'agenix-nix',
    at,
    found,
    todo: 'mend the file until `agenix -r` takes it, or tell keel the recipients with --admin and --host',
    exit: ExitCode.Usage,
  })
}
