import type { HostState, WantedCredential } from '../../desired/host-state.ts'
import type { Json } from '../../model/cluster.ts'
import { stepOf } from '../../model/distribution/once-step.ts'
import { isSecretRef } from '../../model/secret-ref.ts'
import { joinText, type NixExpression, type NixText, nixCode, nixText } from '../../templates/nix-text.ts'
import { sh } from '../../templates/shell-quote.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import { secretPath, startSecrets } from './age-secrets.ts'
import { literally } from './shell-checked.ts'

/**
 * The service's RuntimeDirectory, 0700; it exists while k3s runs. It contains the secrets that k3s was started with,
 * and files made of several secrets.
 */
export const runtimeDirectory = 'keel-k3s'
const runtime = `/run/${runtimeDirectory}`

/** Where a secret is kept that k3s was started with, while it runs. */
export function keptPath(name: string): string {
  return `${runtime}/${name}`
}

/** Where a file made of several secrets is while k3s runs; no secret can have a name that begins so. */
export function composedPath(id: string): string {
  return `${runtime}/_${id}.yaml`
}

/** Before each start of k3s, as root. */
export function preStart(state: HostState): NixText {
  const composed = state.distribution.credentials.filter(({ content }) => content.kind === 'yaml')
  return joinText([
    'umask 077\n',
    ...waitForInterface(state),
    ...keepSecrets(state),
    ...(composed.length > 0 ? [quotedFunction, ...composed.map(compose)] : []),
    ...placeCa(state),
  ])
}

function waitForInterface(state: HostState): readonly string[] {
  const k3s = k3sServiceOf(state)
  if (k3s.interface === undefined) return []
  return [`${sh`until [ -e ${`/sys/class/net/${k3s.interface}`} ]; do sleep 1; done`}\n`]
}

/**
 * An empty token file lets k3s found a cluster of its own (docs/k3s.md, Tokens): so a file that agenix could not
 * decrypt stops the start.
 */
function keepSecrets(state: HostState): readonly (string | NixText)[] {
  return [
    `# what k3s is started with, for a comparison after the next switch
keep() {
  if [ ! -s "$2" ]; then
    echo "$2 is missing or empty: agenix could not decrypt it with this host's key" >&2
    exit 1
  fi
  cat -- "$2" > "${runtime}/$1"
}
`,
    ...startSecrets(state).map((name) => nixText`keep ${name} ${secretPath(name)}\n`),
  ]
}

// read and printed by the shell itself: a value is no program's argument. JSON's quoting is YAML's
const quotedFunction = `quoted() {
  value=$(< "$1")
  value=\${value//\\\\/\\\\\\\\}
  value=\${value//\\"/\\\\\\"}
  printf '"%s"' "\${value//$'\\n'/\\\\n}"
}
`

function compose({ id, content }: WantedCredential): NixText {
  if (content.kind !== 'yaml') return joinText([])
  const lines = piecesOf(content.value).map((piece) =>
    typeof piece === 'string' ? `${sh`  printf %s ${piece}`}\n` : nixText`  quoted ${secretPath(piece.secret)}\n`,
  )
  const literals = lines.filter((line) => typeof line === 'string')
  return literally(joinText(['{\n', ...lines, `} > ${composedPath(id)}\n`]), literals)
}

/** JSON, cut where a secret's value is. */
function piecesOf(value: Json): readonly (string | { readonly secret: string })[] {
  if (isSecretRef(value)) return [value]
  const items = Array.isArray(value)
    ? value.map((item: Json) => piecesOf(item))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}:`, ...piecesOf(item)])
      : undefined
  if (items === undefined) return [JSON.stringify(value)]
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return together([open ?? '', ...items.flatMap((item, index) => (index === 0 ? item : [',', ...item])), close ?? ''])
}

function together(
  pieces: readonly (string | { readonly secret: string })[],
): readonly (string | { readonly secret: string })[] {
  const done: (string | { readonly secret: string })[] = []
  for (const piece of pieces) {
    const last = done.at(-1)
    if (typeof last === 'string' && typeof piece === 'string') done[done.length - 1] = last + piece
    else done.push(piece)
  }
  return done
}

/**
 * The key before its certificate: k3s overwrites a certificate whose key is missing. Folders keep the mode they are
 * made with (docs/k3s.md, The CA, Files).
 */
function placeCa({ distribution: { once, places, past } }: HostState): readonly (string | NixText)[] {
  const step = stepOf(once, 'place-ca')
  if (step === undefined) return []
  return [
    `# the cluster's CA, before the first start only
if [ ! -e ${past.server} ]; then
  install -d -m 0755 ${places.data}
  install -d -m 0700 ${places.server} ${places.server}/tls
`,
    nixText`  install -m 0600 -- ${secretPath(step.key)} ${step.keyPath}
  install -m 0644 -- ${certificateVariable} ${step.certificatePath}
fi
`,
  ]
}

/** Names the certificate in the module's `let`. */
export const certificateVariable: NixExpression = nixCode('caCertificate')

/**
 * After agenix has decrypted, at a switch: k3s restarts where a value is another than it was started with. A rekey
 * alone changes no value. If a secret could not be decrypted, the running k3s is not restarted.
 * @param then what orders the restart
 */
export function restartIfChanged(state: HostState, then: string): NixText {
  const conditions = startSecrets(state).map((name) => nixText`changed ${name} ${secretPath(name)}`)
  return joinText([
    `changed() {
  [ -e "${runtime}/$1" ] && [ -s "$2" ] && [ "$(< "$2")" != "$(< "${runtime}/$1")" ]
}
if `,
    ...conditions.flatMap((condition, index) => (index === 0 ? [condition] : [' ||\n  ', condition])),
    `; then
  ${then}
fi
`,
  ])
}
