import { Document, parse, visit } from 'yaml'
import { k3sConfig, splitRegistration } from '../../src/desired/distribution/k3s/config.ts'
import { generatedYaml } from '../../src/desired/generated-yaml.ts'
import type { Surroundings } from '../../src/desired/surroundings.ts'
import { FaultsError } from '../../src/errors.ts'
import { checkManifests } from '../../src/inventory/check/check-manifests.ts'
import type { HostSource, Source } from '../../src/inventory/definitions.ts'
import { resolveCluster } from '../../src/inventory/resolve.ts'
import { plainCopy } from '../../src/inventory/typescript/plain-copy.ts'
import { readYamlFile } from '../../src/inventory/yaml/read-yaml-file.ts'
import type { Cluster, Host, Os } from '../../src/model/cluster.ts'
import { butaneText, ignitionText } from '../../src/targets/flatcar/butane.ts'
import { renderedOf } from '../../src/targets/render.ts'
import { sampleSurroundings } from '../../test/support/samples/sample-cluster.ts'
import { fullInventory, hostileTexts, otherValues } from './field-corpus.ts'
import { mutate, type Random } from './random.ts'
import { allowed, type Targets } from './target.ts'

/** Any value in any field: it loads, or is refused with its place; and what loads is rendered to what it was. */
export const fieldTargets: Targets = [
  ['fields in TypeScript', 60, (random) => attempt(random, inTypescript(changed(random)))],
  ['fields in YAML', 40, (random) => attempt(random, inYaml(changed(random)))],
]

type Sources = { readonly secrets: Source; readonly cluster: Source; readonly hosts: readonly HostSource[] }
type Tree = Record<string | number, unknown>

/** The full inventory with one to three of its fields changed. */
function changed(random: Random, os?: Os): Tree {
  const tree: Tree = { ...fullInventory(os) }
  const fields = [...fieldsOf(tree)]
  for (let times = 1 + random.below(3); times > 0; times--) change(random, random.pick(fields))
  return tree
}

interface Field {
  readonly parent: Tree
  readonly key: string | number
}

/** Every leaf and every entry that has a name of the user's. */
function* fieldsOf(parent: Tree): Generator<Field> {
  for (const [key, value] of Object.entries(parent)) {
    const name = Array.isArray(parent) ? Number(key) : key
    yield { parent, key: name }
    if (isTree(value)) yield* fieldsOf(value)
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null
}

function change(random: Random, { parent, key }: Field): void {
  const before = parent[key]
  const text = typeof before === 'string' ? before : typeof key === 'string' ? key : 'a'
  const word = () => {
    return random.chance(2)
      ? random.pick(hostileTexts)
      : mutate(random, text, hostileTexts, hostileTexts).slice(0, 30_000)
  }
  const value = () => (random.chance(5) ? random.pick(otherValues) : word())
  if (typeof key === 'string' && random.chance(4)) {
    // another name for what is there
    delete parent[key]
    Object.defineProperty(parent, word().slice(0, 300), {
      value: before,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else if (Array.isArray(parent) && random.chance(4)) parent.push(value())
  else parent[key] = value()
}

function inTypescript(tree: Tree): Sources | undefined {
  const source = (subject: string, file: string, input: unknown): Source => ({
    subject,
    file,
    input,
    locate: () => `${file}:1:1`,
    written: () => undefined,
    isUnread: () => false,
  })
  // a file that is not one of these has a test of its own
  const hosts = isTree(tree.hosts) ? Object.entries(tree.hosts) : []
  if (hosts.length === 0) return undefined
  return {
    secrets: source('secrets.ts', 'secrets.ts', plainCopy(tree.secrets)),
    cluster: source('hosts/cluster', 'hosts/cluster.ts', plainCopy(tree.cluster)),
    hosts: hosts.map(([name, input]) => ({ ...source(`hosts/${name}`, 'hosts/x/host.ts', plainCopy(input)), name })),
  }
}

function inYaml(tree: Tree): Sources | undefined {
  const source = (subject: string, file: string, input: unknown): Source | undefined => {
    const text = asYaml(input)
    if (text === undefined) return undefined
    const { source: read, faults } = readYamlFile(file, subject, text)
    if (faults.length > 0) checkPlaces(new FaultsError(faults))
    return faults.length > 0 ? undefined : read
  }
  const hosts = isTree(tree.hosts) ? Object.entries(tree.hosts) : []
  const [secrets, cluster] = [
    source('secrets.yaml', 'secrets.yaml', tree.secrets),
    source('hosts/cluster', 'hosts/cluster.yaml', tree.cluster),
  ]
  const read = hosts.flatMap(([name, input]): HostSource[] => {
    const one = source(`hosts/${name}`, 'hosts/x/host.yaml', input)
    return one === undefined ? [] : [{ ...one, name }]
  })
  if (secrets === undefined || cluster === undefined || read.length === 0 || read.length < hosts.length)
    return undefined
  return { secrets, cluster, hosts: read }
}

/** Texts without quotes here and there, so that YAML makes of them what it likes. */
function asYaml(input: unknown): string | undefined {
  try {
    const document = new Document(plainCopy(input), { version: '1.2' })
    let at = 0
    visit(document, {
      Scalar(_, scalar) {
        at += 1
        if (at % 7 === 0 && typeof scalar.value === 'string') scalar.type = 'PLAIN'
      },
    })
    return document.toString({ lineWidth: 0 })
  } catch {
    // no YAML says this: a symbol, a function
    return undefined
  }
}

function attempt(random: Random, sources: Sources | undefined): void {
  const cluster = load(sources)
  if (cluster !== undefined) checkRendered(cluster, random.pick(cluster.hosts))
}

/**
 * A cluster of changed fields, if it loads: for programs that read what keel writes.
 * @param os of every host, in place of a host of each system
 */
export function loadedFrom(random: Random, os?: Os): Cluster | undefined {
  return load(inTypescript(changed(random, os)))
}

function load(sources: Sources | undefined): Cluster | undefined {
  if (sources === undefined) return undefined
  return allowed(
    () => resolveCluster({ ...sources, strays: [] }, [checkManifests]),
    (error) => {
      if (!(error instanceof FaultsError)) throw error
      checkPlaces(error)
    },
  )
}

function checkPlaces({ faults }: FaultsError): void {
  if (faults.length === 0) throw new Error('faults without a fault')
  for (const { at = '' } of faults)
    if (!/^\S+\.(ts|yaml):[1-9]\d*:[1-9]\d*$/.test(at)) throw new Error(`a fault at ${JSON.stringify(at)}`)
}

const surroundings: Surroundings = { ...sampleSurroundings, joinThrough: () => undefined }

/** What a host gets is read back as what the inventory says. */
function checkRendered(cluster: Cluster, host: Host): void {
  const rendered = renderedOf(cluster, host, surroundings)
  const { plain } = k3sConfig(cluster, host)
  for (const config of Object.values(splitRegistration(plain))) {
    const { content } = generatedYaml('/etc/rancher/k3s/config.yaml', config)
    for (const [version, schema] of YAML_READERS)
      same(parse(content, { version, schema }), config, `config.yaml of YAML ${version}`)
  }
  if (rendered.kind === 'system') return
  const texts = new Map(rendered.files.map(({ path, content }) => [path, content]))
  for (const { path, content } of host.files) same(texts.get(path), content, path)
  if (host.os === 'flatcar') {
    const ignition: { storage: { files: { path: string }[] } } = JSON.parse(
      ignitionText(butaneText(rendered, { user: 'core', sshKeys: [] })),
    )
    const paths = ignition.storage.files.map(({ path }) => path)
    for (const { path } of host.files)
      if (!paths.includes(path)) throw new Error(`Ignition lost ${JSON.stringify(path)}`)
  }
}

const YAML_READERS = [
  ['1.1', 'yaml-1.1'],
  ['1.2', 'core'],
] as const

function same(read: unknown, written: unknown, what: string): void {
  if (JSON.stringify(read) !== JSON.stringify(written))
    throw new Error(`${what} is read as ${JSON.stringify(read)}, and was ${JSON.stringify(written)}`)
}
