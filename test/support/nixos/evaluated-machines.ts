import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { BUNDLE_BESIDE_MODULE } from '../../../src/model/keel-agent/agent-program.ts'
import { type NixValue, nixCode, printNix } from '../../../src/templates/nix-text.ts'

export const releases = ['24.11', '25.05', '25.11', 'unstable'] as const
type Release = (typeof releases)[number]

/** What the configuration of every machine's owner contains besides keel's module. */
export const openssh = 'config.services.openssh.enable = true;'

export interface Machine {
  /** The text of hosts/<host>/k3s.nix. */
  readonly host: string
  readonly module: string
  readonly release: Release
  /** The attributes of a hand-written module beside it. */
  readonly beside?: string
  readonly withAgenix?: boolean
  readonly k3sVersion?: string
}

const said = z.object({
  defined: z.record(z.string(), z.unknown()),
  words: z.array(z.string()),
  kubeletConfig: z.record(z.string(), z.unknown()),
  warnings: z.array(z.string()),
  secrets: z.record(
    z.string(),
    z.object({ file: z.object({ path: z.string() }), path: z.string(), owner: z.string(), mode: z.string() }),
  ),
  /** The owners of the files that NixOS copies to /etc. */
  etcOwners: z.record(z.string(), z.object({ uid: z.number(), gid: z.number() })),
  /** The bash scripts of services, by service. */
  jobScripts: z.record(z.string(), z.array(z.string())),
  /** The rules that NixOS's firewall makes of its options, in the language of its backend. */
  firewall: z.object({
    backend: z.string(),
    start: z.string(),
    table: z.string(),
    zone: z.object({ allowedTCPPorts: z.array(z.number()), allowedUDPPorts: z.array(z.number()) }).nullable(),
  }),
})
export type Said = z.output<typeof said>

const model = new URL('../../nixos/model.nix', import.meta.url).pathname

/**
 * Evaluates machines with real Nix against the model of NixOS, in one process for all of them.
 * @throws an error with Nix's message if it refuses one
 */
export function evaluateMachines(machines: readonly Machine[]): readonly Said[] {
  const root = mkdtempSync(join(tmpdir(), 'keel-nixos-'))
  try {
    const calls = machines.map(({ host, module, release, beside = openssh, withAgenix = true, k3sVersion }, index) => {
      const folder = join(root, String(index), 'hosts', host)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'k3s.nix'), module)
      writeFileSync(join(folder, BUNDLE_BESIDE_MODULE), 'export {}\n')
      const options: NixValue = {
        release,
        withAgenix,
        modules: [nixCode(join(folder, 'k3s.nix')), nixCode(`({ config, lib, options, pkgs, ... }: { ${beside} })`)],
        ...(k3sVersion === undefined ? {} : { k3sVersion }),
      }
      return `(removeAttrs (import ${model} ${printNix(options)}) [ "config" "command" ])`
    })
    const stdout = execFileSync('nix-instantiate', ['--eval', '--strict', '--json', '--store', 'dummy://', '-'], {
      input: `[\n${calls.join('\n')}\n]`,
      maxBuffer: 1e9,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return z.array(said).parse(JSON.parse(stdout.toString().replaceAll(`${root}/`, '/')))
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** A value at a path in the result of a module. */
export function defined({ defined }: Said, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    defined,
  )
}

/**
 * The words of an ExecStart= line as systemd passes them to the program (systemd.service(5), "Command lines";
 * systemd.syntax(7), "Quoting"). At the places where systemd would insert the value of a specifier or variable, there
 * is a character that no inventory contains.
 */
export function systemdWords(line: string): readonly string[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? []
  return words.map((word) =>
    word
      .replaceAll(/"((?:\\.|[^"\\])*)"/gs, (_, inner: string) => inner.replaceAll(/\\(.)/gs, '$1'))
      .replaceAll(/([%$])(\1)?/g, (_, sign: string, again?: string) => (again === undefined ? '\ufffd' : sign)),
  )
}
