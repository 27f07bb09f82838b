import { execa } from 'execa'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { bindingsOf, namedKeysExpression } from './named-bindings.ts'
import { type AgenixRule, type NamedKey, recipientLines } from './rules.ts'

type Environment = Readonly<Record<string, string | undefined>>

const rulesSchema = z.record(z.string(), z.object({ keys: z.array(z.string()), armor: z.boolean() }))
const namesSchema = z.array(z.object({ path: z.array(z.string()), key: z.string() }))
const RULES = '{ path }: builtins.mapAttrs (name: rule: { keys = rule.publicKeys; armor = rule.armor or false; }) (import path)'
/** A secrets.nix takes milliseconds; one that fetches or never ends is not waited for. */
const SECONDS = 20

/**
 * The rules of a secrets.nix, evaluated by Nix, which builds nothing and stores nothing.
 * @throws KeelError (exit 2) `agenix-needs-nix` where Nix is not installed; `agenix-nix` when Nix refuses, takes too long, or it is no set of rules
 */
export async function rulesByNix(path: string, env: Environment): Promise<readonly AgenixRule[]> {
  const rules = rulesSchema.safeParse(await evaluate(path, RULES, ['--argstr', 'path', path], env))
  if (!rules.success) throw refused(path, 'it does not say { "FILE.age".publicKeys = [ "…" ]; }')
  return Object.entries(rules.data)
    .map(([file, { keys, armor }]) => ({ file, keys: keys.flatMap(recipientLines), armor }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

/**
 * The names that a secrets.nix gives to keys, in its `let` and in what it imports. They are no part of its value, so Nix is asked for its text in
 * canonical form first, and then for the bindings of that.
 * @throws KeelError as `rulesByNix`: a binding that no rule uses may fail by itself
 */
export async function namesByNix(path: string, env: Environment): Promise<readonly NamedKey[]> {
  const canonical = await nixInstantiate(path, ['--parse', path], '', env)
  const bindings = bindingsOf(canonical.trim())
  if (bindings.length === 0) return []
  const names = namesSchema.parse(await evaluate(path, namedKeysExpression(bindings), [], env))
  return names.flatMap(({ path, key }) => recipientLines(key).map((line) => ({ place: 'let', path, key: line }) as const))
}

async function evaluate(path: string, expression: string, args: readonly string[], env: Environment): Promise<unknown> {
  // on stdin: an argument has at most 128 KiB
  return JSON.parse(await nixInstantiate(path, ['--eval', '--strict', '--json', ...args, '-'], expression, env))
}

async function nixInstantiate(path: string, args: readonly string[], input: string, env: Environment): Promise<string> {
  const options = ['--store', 'dummy://', '--option', 'allow-import-from-derivation', 'false']
  const { exitCode, stdout, stderr, timedOut, code } = await execa('nix-instantiate', [...options, ...args], {
    env,
    extendEnv: false,
    reject: false,
    input,
    timeout: SECONDS * 1000,
    forceKillAfterDelay: 1000,
    maxBuffer: 1e8,
  })
  if (code === 'ENOENT') throw needsNix(path)
  if (timedOut) throw refused(path, `Nix has not read it in ${SECONDS} s`)
  if (exitCode !== 0) throw refused(placeOf(stderr) ?? path, `Nix refuses it: ${firstError(stderr)}`)
  return stdout
}

/** Nix ends a trace with the place of the error itself. */
function placeOf(stderr: string): string | undefined {
  return [...stderr.matchAll(/^ *at (\/.*:\d+:\d+):/gm)].at(-1)?.[1]
}

function firstError(stderr: string): string {
  return (/error: (.*)/.exec(stderr)?.[1] ?? stderr.trim()).slice(0, 300)
}

function needsNix(at: string): KeelError {
  return new KeelError({
    code: 'agenix-needs-nix',
    at,
    found: 'nix-instantiate is not installed here',
    why: 'secrets.nix is a program in the Nix language; agenix runs it with nix-instantiate, and so does keel',
    todo: 'install Nix (Debian: apt-get install nix-bin), or run this command on a machine where agenix works',
    exit: ExitCode.Usage,
  })
}

function refused(at: string, found: string): KeelError {
  return new KeelError({
    code: 'agenix-nix',
    at,
    found,
    todo: 'fix the file until `agenix -r` accepts it, or tell keel the recipients with --admin and --host',
    exit: ExitCode.Usage,
  })
}
