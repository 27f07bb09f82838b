import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FaultsError, KeelError } from '../../src/errors.ts'
import { checkManifests } from '../../src/inventory/check/check-manifests.ts'
import type { Definitions, HostSource, Source } from '../../src/inventory/definitions.ts'
import { loadInventory } from '../../src/inventory/load.ts'
import { resolveCluster } from '../../src/inventory/resolve.ts'
import { firstSlip } from '../../src/inventory/typescript/first-slip.ts'
import { findCall, literalAt } from '../../src/inventory/typescript/literals.ts'
import { plainCopy } from '../../src/inventory/typescript/plain-copy.ts'
import { tokens } from '../../src/inventory/typescript/tokens.ts'
import { hostFileText, withHostKey } from '../../src/inventory/write/host-file.ts'
import { readYamlFile } from '../../src/inventory/yaml/read-yaml-file.ts'
import { parseCidr, parseNodeIp } from '../../src/model/addresses/ip.ts'
import { formatSshAddress, parseSshAddress, parseSshUser } from '../../src/model/addresses/ssh-address.ts'
import {
  parseFileMode,
  parseFileOwner,
  parseHostFilePath,
  parseManifestName,
  parseText,
} from '../../src/model/host-paths/host-file-path.ts'
import { parseK3sVersion } from '../../src/model/k3s/k3s-version.ts'
import { parseRecipient } from '../../src/model/keys/recipient.ts'
import { parseSshPublicKey } from '../../src/model/keys/ssh-key.ts'
import { parseLabelKey, parseLabelValue, parseTaint } from '../../src/model/kubernetes/labels.ts'
import {
  parseAdminName,
  parseClusterName,
  parseDomain,
  parseHostName,
  parseInterfaceName,
  parseSecretName,
} from '../../src/model/names.ts'
import type { HostInput } from '../../src/model/schema/input.ts'
import { nearest } from '../../src/model/text/nearest.ts'
import { typescriptTexts, typescriptWords, values, valueWords, yamlTexts, yamlWords } from './inventory-corpus.ts'
import { mutate, type Random } from './random.ts'
import { allowed as allowedError, type Targets } from './target.ts'

const KEY = parseSshPublicKey(values[0])

export const inventoryTargets: Targets = [
  ['YAML inventories', 35, yamlInventory],
  ['YAML hosts enrolled', 10, yamlHostKey],
  ['TypeScript texts', 20, typescriptText],
  ['TypeScript inventories loaded', 1, typescriptInventory],
  ['definitions of any value', 9, anyValue],
  ['small formats', 25, smallFormats],
]

const allowed = <T>(attempt: () => T) =>
  allowedError(attempt, (error) => {
    if (error instanceof FaultsError) checkPlaces(error)
  })

/** What a user is told has a place that an editor can open. */
function checkPlaces({ faults }: FaultsError): void {
  if (faults.length === 0) throw new Error('faults without a fault')
  for (const { at = '' } of faults)
    if (!/^\S+\.(ts|yaml):[1-9]\d*:[1-9]\d*$/.test(at)) throw new Error(`a fault at ${JSON.stringify(at)}`)
}

const [secretsYaml = '', clusterYaml = '', hostYaml = ''] = ['admins:', 'firstServer: a', 'role: server'].map((mark) =>
  yamlTexts.find((text) => text.includes(mark)),
)

function yamlInventory(random: Random): void {
  const wrong = random.below(3)
  const text = (index: number, original: string) =>
    index === wrong
      ? mutate(random, random.chance(3) ? random.pick(yamlTexts) : original, yamlTexts, yamlWords)
      : original
  const read = [
    readYamlFile('secrets.yaml', 'secrets.yaml', text(0, secretsYaml)),
    readYamlFile('hosts/cluster.yaml', 'hosts/cluster', text(1, clusterYaml)),
    readYamlFile('hosts/a/host.yaml', 'hosts/a', text(2, hostYaml)),
  ]
  for (const { faults } of read) if (faults.length > 0) checkPlaces(new FaultsError(faults))
  const [secrets, cluster, host] = read.map(({ source }) => source)
  if (secrets === undefined || cluster === undefined || host === undefined) return
  resolve({ secrets, cluster, hosts: [{ ...host, name: 'a' }], strays: [] })
}

function resolve(definitions: Definitions): void {
  const cluster = allowed(() => resolveCluster(definitions, [checkManifests]))
  if (cluster !== undefined) JSON.stringify(cluster)
}

function yamlHostKey(random: Random): void {
  const changed = allowed(() => withHostKey(mutate(random, hostYaml, yamlTexts, yamlWords), KEY, 'yaml'))
  if (changed !== undefined && !changed.includes(KEY)) throw new Error('an enrolled host without its key')
}

function typescriptText(random: Random): void {
  const text = mutate(random, random.pick(typescriptTexts), typescriptTexts, typescriptWords)
  let end = 0
  for (const token of tokens(text)) {
    if (token.start < end || token.end <= token.start || token.end > text.length) throw new Error('tokens that overlap')
    end = token.end
  }
  firstSlip(text, Number.POSITIVE_INFINITY)
  const call = findCall(text, random.pick(['defineHost', 'defineCluster', 'defineSecrets']))
  if (call !== undefined)
    for (const path of [
      [],
      ['address'],
      ['taints', 0],
      ['k3s', 'vpn-auth'],
      ['secrets', 'k3s-server-token', 'readers', 1],
    ])
      literalAt(call, path)
  allowed(() => withHostKey(text, KEY))
}

async function typescriptInventory(random: Random): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'keel-fuzz-'))
  try {
    mkdirSync(join(directory, 'hosts/a'), { recursive: true })
    writeFileSync(join(directory, 'secrets.yaml'), secretsYaml)
    writeFileSync(join(directory, 'hosts/cluster.yaml'), clusterYaml)
    writeFileSync(
      join(directory, 'hosts/a/host.ts'),
      mutate(random, random.pick(typescriptTexts), typescriptTexts, typescriptWords),
    )
    await loadInventory(directory)
  } catch (error) {
    if (error instanceof FaultsError) checkPlaces(error)
    else if (!(error instanceof KeelError)) throw error
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const KEYS = [
  'os',
  'role',
  'arch',
  'address',
  'hostKey',
  'nodeIP',
  'labels',
  'taints',
  'tags',
  'network',
  'k3s',
  'files',
  'manifests',
  'registries',
  'name',
  'version',
  'firstServer',
  'networks',
  'defaults',
  'admins',
  'secrets',
  'readers',
  'cluster',
  'service',
  'mirrors',
  'configs',
  'auth',
  'password',
  'vpn-auth',
  'secret',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '',
]

function someValue(random: Random, depth = 0): unknown {
  const leaf = [
    () => random.pick(values),
    () => mutate(random, random.pick(values), values, valueWords),
    () => random.pick([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, true, false, null, undefined, 10n]),
    () =>
      random.pick<unknown>([
        () => 1,
        Symbol('x'),
        new Date(Number.NaN),
        /x/,
        new Map([[1, 2]]),
        new Uint8Array(2),
        Object.create(null),
        Promise.resolve(1),
        new Proxy({}, {}),
      ]),
  ]
  if (depth > 5 || random.chance(3)) return random.pick(leaf)()
  if (random.chance(4)) return Array.from({ length: random.below(4) }, () => someValue(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: random.below(6) }, () => [random.pick(KEYS), someValue(random, depth + 1)]),
  )
}

function anyValue(random: Random): void {
  const source = (subject: string): Source => ({
    subject,
    file: `${subject}.ts`,
    input: plainCopy(someValue(random)),
    locate: () => `${subject}.ts:1:1`,
    written: () => undefined,
    isUnread: () => false,
  })
  const hosts = ['a', 'b'].map((name): HostSource => ({ ...source(`hosts/${name}`), name }))
  resolve({ secrets: source('secrets'), cluster: source('hosts/cluster'), hosts, strays: [] })
  const input = someValue(random)
  // what add-node writes is never more than strings in a known shape; the printer has to bear any value all the same
  if (typeof input === 'object' && input !== null) hostFileText({ role: 'agent', address: 'a', ...input } as HostInput)
}

/** Those whose result is a text in its one spelling: read again, it stays as it is. */
const parsers: readonly ((text: string) => string)[] = [
  parseSshPublicKey,
  parseRecipient,
  parseTaint,
  parseLabelKey,
  parseLabelValue,
  parseCidr,
  parseNodeIp,
  parseHostFilePath,
  parseFileMode,
  parseFileOwner,
  parseManifestName,
  parseText,
  parseK3sVersion,
  parseAdminName,
  parseClusterName,
  parseDomain,
  parseHostName,
  parseInterfaceName,
  parseSecretName,
  parseSshUser,
  (text) => formatSshAddress({ user: 'root', port: 22, ...parseSshAddress(text) }),
]

function smallFormats(random: Random): void {
  const text = random.chance(8) ? random.pick(values) : mutate(random, random.pick(values), values, valueWords)
  for (const parse of parsers) {
    const once = allowed(() => parse(text))
    if (once !== undefined && parse(once) !== once)
      throw new Error(`read twice it is another: ${JSON.stringify([text, once, parse(once)])}`)
  }
  nearest(text.slice(0, 100), KEYS)
}
