import { PINS_FILE, type Pins, pinsText } from '../../artifacts/pins.ts'
import { typescriptLiteral } from '../../inventory/typescript/typescript-literal.ts'
import { hostFileText } from '../../inventory/write/host-file.ts'
import type { DistributionKind } from '../../model/distribution/distribution.ts'
import { kubeadmCas, serviceAccountKey } from '../../model/kubeadm/pki.ts'
import type { ClusterInput, HostInput, SecretsInput } from '../../model/schema/input.ts'
import clusterTemplate from '../../templates/init/cluster.ts.hbs'
import gitattributes from '../../templates/init/gitattributes.txt'
import gitignore from '../../templates/init/gitignore.txt'
import secretsTemplate from '../../templates/init/secrets.ts.hbs'
import { template } from '../../templates/template.ts'

/** Everything that the user has told `keel init`. */
export interface NewInventory {
  readonly name: string
  /** k3s, if it is absent. */
  readonly distribution?: DistributionKind
  readonly version: string
  /** Name → public key. */
  readonly admins: Readonly<Record<string, string>>
  /** By name, in the order in which the user gave them. */
  readonly hosts: ReadonlyMap<string, HostInput>
  /** Options of k3s besides those of every new inventory. */
  readonly k3s?: ClusterInput['k3s']
  /** What a running cluster already has. */
  readonly cluster?: Omit<ClusterInput, 'k3s'>
  /** Questions for a person, by file. */
  readonly questions?: ReadonlyMap<string, readonly string[]>
  /** Artifacts that are already known, such as the k3s of a lab. `keel pin` finds others. */
  readonly pins?: Pins
  /** Files that the owner of a machine would have, as text by path. */
  readonly files?: ReadonlyMap<string, string>
  /** Those of a running cluster. Absent: keel creates CA and tokens. */
  readonly secrets?: SecretsInput['secrets']
}

const clusterText = template<{ readonly cluster: string }>(clusterTemplate)
const secretsText = template<{ readonly admins: string; readonly secrets: string }>(secretsTemplate)

/** For a cluster that keel founds. */
const OWN_SECRETS: Readonly<Record<DistributionKind, string>> = {
  k3s: `{
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    // servers read it too: all of them need the same agent token
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  }`,
  kubeadm: `{
    // each control plane needs them, and no other host may read them
${kubeadmCas.map(({ key }) => `    '${key}': { readers: ['admins', 'servers'], generate: 'kubeadm-ca' },`).join('\n')}
    '${serviceAccountKey}': { readers: ['admins', 'servers'], generate: 'service-account-key' },
  }`,
}

/** The files of a new inventory, by path. */
export function newInventoryFiles({
  name,
  distribution = 'k3s',
  version,
  admins,
  hosts,
  k3s,
  pins,
  files,
  secrets,
  cluster: known,
  questions,
}: NewInventory): ReadonlyMap<string, string> {
  const firstServer = [...hosts].find(([, host]) => host.role === 'server')?.[0]
  const cluster = {
    name,
    ...(distribution === 'k3s' ? {} : { distribution }),
    version,
    firstServer,
    ...known,
    // Both are hard to add later, because every Secret would have to be written again. A running cluster keeps its
    // settings.
    ...(distribution === 'k3s'
      ? { k3s: secrets === undefined ? { 'secrets-encryption': true, 'write-kubeconfig-mode': '0600', ...k3s } : k3s }
      : {}),
  }
  const asking = (file: string, text: string) => {
    // some comments contain answers of a host, and a line break in them must not end the comment
    const open = (questions?.get(file) ?? []).map(
      (question) => `// OPEN: ${question.replace(/[\r\n\u2028\u2029]/g, ' ')}\n`,
    )
    return text.replace(/^export default/m, (start) => open.join('') + start)
  }
  return new Map([
    [
      'secrets.ts',
      secretsText({
        admins: typescriptLiteral(admins, 2),
        secrets: secrets === undefined ? OWN_SECRETS[distribution] : typescriptLiteral(secrets, 2),
      }),
    ],
    ['hosts/cluster.ts', asking('hosts/cluster.ts', clusterText({ cluster: typescriptLiteral(cluster) }))],
    ...[...hosts].map(
      ([host, input]) => [`hosts/${host}/host.ts`, asking(`hosts/${host}/host.ts`, hostFileText(input))] as const,
    ),
    ...(files ?? []),
    ...(pins === undefined ? [] : [[PINS_FILE, pinsText(pins)] as const]),
    ['tsconfig.json', `${JSON.stringify(tsconfig, null, 2)}\n`],
    ['.gitignore', gitignore],
    ['.gitattributes', gitattributes],
  ])
}

/** For the editor only: it then reports what Node's type stripping will refuse. */
const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    // whatever a package.json contains: keel loads every file as an ES module
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    // keel keeps its types there, and git ignores the folder: no path of one machine, nothing to install
    paths: { keel: ['./.keel/keel.d.ts'] },
  },
  include: ['secrets.ts', 'hosts'],
}
