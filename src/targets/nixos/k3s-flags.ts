import type { K3sConfig } from '../../desired/distribution/k3s/config.ts'
import { type NixExpression, type NixValue, nix, nixCode } from '../../templates/nix-text.ts'
import { unitArgument } from '../../templates/unit-quote.ts'

/**
 * Options of services.k3s that not every release has; where one is missing, k3s's flag says the same.
 * Source: NixOS's options, 25.11 and after it (nodeExternalIP: nixpkgs#505398).
 */
const NEWER_OPTIONS: Readonly<Record<string, string>> = {
  disable: 'disable',
  'node-name': 'nodeName',
  'node-label': 'nodeLabel',
  'node-taint': 'nodeTaint',
  'node-ip': 'nodeIP',
  'node-external-ip': 'nodeExternalIP',
  selinux: 'selinux',
}
/** The options that take one text: several values are separated by commas. */
const ONE_TEXT = new Set(['nodeName', 'nodeIP', 'nodeExternalIP'])

type Value = K3sConfig[string]

/** The settings that every release takes as flags, in `extraFlags`. */
export function plainFlags(config: K3sConfig): readonly string[] {
  return Object.entries(config).flatMap(([name, value]) =>
    optionOf(name, value) === undefined ? flags(name, value) : [],
  )
}

/** The rest, each a part of `services.k3s`: the typed option where the release has it, else its flag. */
export function newerOptions(config: K3sConfig): readonly NixExpression[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const option = optionOf(name, value)
    return option === undefined ? [] : [typedOrFlags(option, typed(option, value), flags(name, value))]
  })
}

/** `services.k3s.<option> = value` where this release of NixOS has that option. */
export function typedOrFlags(option: string, value: NixValue, flags: readonly NixValue[]): NixExpression {
  return nix`(if options.services.k3s ? ${nixCode(option)} then
  ${{ [option]: value }}
else
  ${{ extraFlags: flags }})`
}

function optionOf(name: string, value: Value): string | undefined {
  const option = NEWER_OPTIONS[name]
  if (option === undefined || option === 'selinux') return option
  // the module quotes nothing (nixos.md): a value that systemd would read differently becomes a quoted flag
  return texts(value).every((text) => unitArgument(text) === text) ? option : undefined
}

function typed(option: string, value: Value): NixValue {
  if (typeof value === 'boolean') return value
  return ONE_TEXT.has(option) ? texts(value).join(',') : texts(value)
}

function flags(name: string, value: Value): readonly string[] {
  if (value === true) return [`--${name}`]
  const values =
    NEWER_OPTIONS[name] !== undefined && ONE_TEXT.has(NEWER_OPTIONS[name]) ? [texts(value).join(',')] : texts(value)
  return values.map((text) => unitArgument(`--${name}=${text}`))
}

function texts(value: Value): readonly string[] {
  return Array.isArray(value) ? value : [String(value)]
}
