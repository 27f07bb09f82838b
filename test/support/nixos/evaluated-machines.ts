import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { type NixValue, nixCode, printNix } from '../../../src/templates/nix-text.ts'

export const releases = ['24.11', '25.05', '25.11', 'unstable'] as const
type Release = (typeof releases)[number]

/** What a machine's owner has beside keel's module in any case. */
export const openssh = 'config.services.openssh.enable = true;'

export interface Machine {
  /** Of hosts/<host>/k3s.nix. */
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
  /** Whose the files are that NixOS copies to /etc. */
  etcOwners: z.record(z.string(), z.object({ uid: z.number(), gid: z.number() })),
  /** What services run in bash, by service. */
  jobScripts: z.record(z.string(), z.array(z.string())),
  /** What NixOS's firewall makes of its options, in the words of the one that runs. */
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
 * Evaluates machines with real Nix against the model of NixOS: one process for all of them.
 * @throws with what Nix says against one
 */
export function evaluateMachines(machines: readonly Machine[]): readonly Said[] {
  const root = mkdtempSync(join(tmpdir(), 'keel-nixos-'))
  try {
    const calls = machines.map(({ host, module, release, beside = openssh, withAgenix = true, k3sVersion }, index) => {
      const folder = join(root, String(index), 'hosts', host)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'k3s.nix'), module)
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

/** A value deep in what a module defines. */
export function defined({ defined }: Said, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    defined,
  )
}

/**
 * The words of an ExecStart= line as systemd gives them to the program (systemd.service(5), "Command lines";
 * systemd.syntax(7), "Quoting"). Where systemd would put in a specifier's or a variable's value there is a character
 * that no inventory has.
 */
export function systemdWords(line: string): readonly string[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? []
  return words.map((word) =>
    word
      .replaceAll(/"((?:\\.|[^"\\])*)"/gs, (_, inner: string) => inner.replaceAll(/\\(.)/gs, '$1'))
      .replaceAll(/([%$])(\1)?/g, (_, sign: string, again?: string) => (again === undefined ? '\ufffd' : sign)),
  )
}
