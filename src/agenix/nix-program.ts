import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { bindingsOf, namedKeysExpression } from './named-bindings.ts'
import { type AgenixRule, type NamedKey, recipientLines } from './rules.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where Nix is started, and what it may read. */
export interface NixPlace {
  readonly env: Environment
  /** The folder of the repository. Nix reads nothing outside of it. */
  readonly root: string
  readonly signal?: AbortSignal | undefined
}

const rulesSchema = z.record(z.string(), z.object({ keys: z.array(z.string()), armor: z.boolean() }))
const namesSchema = z.array(z.object({ path: z.array(z.string()), key: z.string() }))
const RULES =
  '{ path }: builtins.mapAttrs (name: rule: { keys = rule.publicKeys; armor = rule.armor or false; }) (import path)'
/** Evaluating a secrets.nix takes milliseconds; keel does not wait for one that downloads something or never ends. */
const SECONDS = 20

/**
 * The rules of a secrets.nix, evaluated by Nix, which builds nothing and stores nothing.
 * @throws KeelError (exit 2) `agenix-needs-nix` if Nix is not installed; `agenix-nix` if Nix refuses, takes too long,
 * or the value is not a set of rules
 */
export async function rulesByNix(
  path: string,
  env: Environment,
  place: Omit<NixPlace, 'env'> = { root: dirname(path) },
): Promise<readonly AgenixRule[]> {
  // a link that the user named leads to the file; a file in the repository has its own path
  const rules = rulesSchema.safeParse(
    await evaluate(path, RULES, ['--argstr', 'path', realpathSync(path)], { env, ...place }),
  )
  if (!rules.success) throw refused(path, 'it does not say { "FILE.age".publicKeys = [ "…" ]; }')
  return Object.entries(rules.data)
    .map(([file, { keys, armor }]) => ({ file, keys: keys.flatMap(recipientLines), armor }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

/**
 * The names that a secrets.nix gives to keys, in its `let` and in the files that it imports. They are not part of its
 * value, so keel first asks Nix for its text in canonical form, and then for the bindings of that text.
 * @throws KeelError like `rulesByNix`, because a binding that no rule uses may fail by itself
 */
export async function namesByNix(
  path: string,
  env: Environment,
  within: Omit<NixPlace, 'env'> = { root: dirname(path) },
): Promise<readonly NamedKey[]> {
  const place = { env, ...within }
  const canonical = await nixInstantiate(path, ['--parse', realpathSync(path)], '', place)
  const bindings = bindingsOf(canonical.trim())
  if (bindings.length === 0) return []
  const names = namesSchema.parse(await evaluate(path, namedKeysExpression(bindings), [], place))
  return names.flatMap(({ path, key }) =>
    recipientLines(key).map((line) => ({ place: 'let', path, key: line }) as const),
  )
}

async function evaluate(path: string, expression: string, args: readonly string[], place: NixPlace): Promise<unknown> {
  // on stdin, because an argument has at most 128 KiB
  return JSON.parse(await nixInstantiate(path, ['--eval', '--strict', '--json', ...args, '-'], expression, place))
}

/**
 * Nix restricts what this foreign program may read (nix.conf(5), restrict-eval): only the repository, no file outside
 * of it, and not the network.
 */
function caged(root: string): readonly string[] {
  const settings = {
    'restrict-eval': 'true',
    'allowed-uris': '',
    'allow-import-from-derivation': 'false',
    'allow-unsafe-native-code-during-evaluation': 'false',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['--option', name, value])
  return ['--store', 'dummy://', ...options, '-I', `repository=${realpathSync(root)}`]
}

async function nixInstantiate(path: string, args: readonly string[], input: string, place: NixPlace): Promise<string> {
  const { env, root, signal } = place
  const { exitCode, stdout, stderr, timedOut, code, isCanceled } = await execa(
    'nix-instantiate',
    [...caged(root), ...args],
    {
      // the folder that this names may be read
      env: { ...env, NIX_PATH: '' },
      ...(signal === undefined ? {} : { cancelSignal: signal }),
      extendEnv: false,
      reject: false,
      input,
      timeout: SECONDS * 1000,
      forceKillAfterDelay: 1000,
      maxBuffer: 1e8,
    },
  )
  if (isCanceled) throw signal?.reason
  if (code === 'ENOENT') throw needsNix(path)
  if (timedOut) throw refused(path, `Nix has not read it in ${SECONDS} s`)
  if (exitCode !== 0) {
    const why = stderr.includes('restricted mode')
      ? `keel lets a secrets.nix read ${root} but no other files, and not the network`
      : undefined
    throw refused(placeOf(stderr) ?? path, `Nix refuses it: ${firstError(stderr)}`, why)
  }
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

function refused(at: string, found: string, why?: string): KeelError {
  return new KeelError({
    code: 'agenix-nix',
    at,
    found,
    ...(why === undefined ? {} : { why }),
    todo: 'fix the file until `agenix -r` accepts it, or tell keel the recipients with --admin and --host',
    exit: ExitCode.Usage,
  })
}
