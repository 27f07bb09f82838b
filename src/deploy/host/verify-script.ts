import { eachPart } from '../../parts/by-part.ts'
import { unconfirmedMarker } from '../../probes/host/generation.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { sh } from '../../templates/shell-quote.ts'
import { dialectOf } from '../causes/dialect.ts'
import { journalTeller } from '../causes/journal.ts'
import { HostExit } from './host-script.ts'

/** A question that the API answers takes less than one; one that is not answered by then is asked again. */
const questionSeconds = 10

/** How long a Node that is not Ready is watched before its service is looked at again. */
const watchSeconds = 5

/** Before each address that the Node has, once it is Ready. */
const addressMark = 'node-address: '

/** Of what the script has printed: the Node's addresses, by its own API. */
export function addressesOfNode(stdout: string): readonly string[] {
  return stdout.split('\n').flatMap((line) => (line.startsWith(addressMark) ? [line.slice(addressMark.length)] : []))
}

export interface Health {
  readonly rendered: Pick<Rendered, 'distribution' | 'role' | 'node' | 'services' | 'access' | 'parts'>
  /** SHA-256 of the cluster's CA certificate as /cacerts serves it; absent for a cluster taken over from elsewhere. */
  readonly caHash?: string
  /** Seconds until a host that is not healthy counts as failed; one limit for all waits together. */
  readonly patience: number
}

/**
 * Waits on the host itself until each service is active, one after the other, the API ready with the cluster's CA
 * (servers), and its Node Ready. Prints `waiting for …` as it goes; then takes the mark of an unfinished deploy away.
 * Ends with `HostExit.Unhealthy` after what the journal of the service that is not healthy tells (`tell_journal`).
 */
export function verifyScript({ rendered, caHash, patience }: Health): string {
  const { distribution, role, node, services, access, parts } = rendered
  return [
    journalTeller(dialectOf(distribution)),
    sh`export LC_ALL=C
start=$SECONDS
# when the start was ordered: what ended a service may have been said before this script began
since=$(stat -c %Y -- ${unconfirmedMarker} 2>/dev/null || date +%s)
observe() {
  while IFS='=' read -r name value; do
    case $name in ActiveState) state=$value ;; Job) job=$value ;; NRestarts) ended=$value ;; esac
  done < <(systemctl show --property=ActiveState,Job,NRestarts -- "$unit")
}
fail() {
  printf 'failed: %s\n' "$1"
  [ "\${2-}" != gone ] || printf 'gone: yes\n'
  tell_journal "$unit" "$since"
  exit ${HostExit.Unhealthy}
}
# each question to the API has a time limit of its own, and none outlasts the patience
ask() {
  local left=$((${patience} - (SECONDS - start)))
  timeout --kill-after=1 "$((left < 1 ? 1 : left < ${questionSeconds} ? left : ${questionSeconds}))" \
    ${access.kubectl} --request-timeout=${questionSeconds}s "$@"
}
until_true() {
  printf 'waiting for %s\n' "$1"
  until job=; observe; "$2"; do
    case $state in
      failed) fail "$unit is not running" gone ;;
      # ordered and not yet begun shows as inactive, too: then its job is still there
      inactive) [ -n "$job" ] || fail "$unit is not running" gone ;;
    esac
    [ "$ended" -lt $((before + 4)) ] || fail "$unit ends again and again" gone
    [ $((SECONDS - start)) -lt ${patience} ] || fail "$("$3") within ${patience} s"
    sleep 0.2
  done
}
# with its job still there it is active from before, and about to be stopped for the restart that was ordered
unit_active() { [ "$state" = active ] && [ -z "$job" ]; }
unit_late() { printf '%s was not active' "$unit"; }`,
    ...services.flatMap(({ unit, healthy }) => [
      sh`unit=${unit}; job=; observe; before=$ended
until_true "$unit to be active" unit_active unit_late`,
      ...(healthy.includes('api') ? [apiReady(caHash)] : []),
      ...(healthy.includes('node') ? [nodeReady(role, node, access)] : []),
    ]),
    ...eachPart(parts, (part, placed) => [part.verify?.(placed) ?? []].flat()),
    sh`rm -f -- ${unconfirmedMarker}`,
  ].join('\n')
}

function apiReady(caHash: string | undefined): string {
  const ready = `# below a warning, perhaps
api_ready() { said=$(ask get --raw /readyz 2>&1) && [ "\${said##*$'\\n'}" = ok ]; }
api_late() {
  case $said in
    ''|*'nable to connect'*|*refused*|*timeout*|*'timed out'*|*deadline*|*canceled*) printf 'the API server did not answer' ;;
    *) printf 'the API server answered, and was not ready (%s)' "\${said##*$'\\n'}" ;;
  esac
}
until_true 'the API server to be ready' api_ready api_late`
  if (caHash === undefined) return ready
  // k3s silently makes a CA of its own when it finds ours without its key: every later join would be refused
  return `${ready}
${sh`served=$(set -o pipefail; ask get --raw /cacerts 2>/dev/null | sha256sum | cut -c1-64) || fail 'the API server did not answer, which was asked for its CA'
[ "$served" = ${caHash} ] || fail "the API serves another CA than the inventory's"`}`
}

/**
 * With the node's own credential, so that no agent needs the administrator's. A Node counts as Ready for 40 s after its
 * kubelet has gone: so the kubelet must have reported since the service started, which is the first thing that it does.
 * Source: kubernetes.io/docs/reference/node/node-status, Heartbeats
 */
function nodeReady(role: Rendered['role'], { name }: Rendered['node'], access: Rendered['access']): string {
  const { ownNode } = access
  // a server asks its own API server, wherever the kubeconfig of its administrator leads
  const kubeconfig = role === 'server' ? [] : ['--kubeconfig', access.node]
  const addresses = '{range .status.addresses[?(@.type=="InternalIP")]}{.address}{"\\n"}{end}'
  const ready = '{range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime} {.message}{end}'
  const askReady =
    ownNode === undefined
      ? sh`ask_ready() { ask ${kubeconfig} get node ${name} -o ${`jsonpath=${ready}`}; }
ask_addresses() { ask ${kubeconfig} get node ${name} -o ${`jsonpath=${addresses}`}; }
await_ready() { ask ${kubeconfig} wait --for=condition=Ready ${`--timeout=${watchSeconds}s`} ${`node/${name}`}; }`
      : sh`ask_ready() { timeout ${questionSeconds} ${ownNode} ready; }
ask_addresses() { timeout ${questionSeconds} ${ownNode} addresses; }
await_ready() { false; }`
  return `${askReady}
${sh`look_at_node() {
  local answer
  api=yes registered=yes ready='' heard='' message=''
  if answer=$(ask_ready 2>&1); then
    read -r ready heard message < <(grep -m 1 -E '^(True|False|Unknown) ' <<<"$answer"; echo)
    started=$(systemctl show --timestamp=unix --property=ExecMainStartTimestamp --value -- "$unit" | tr -d @)
    [ "$ready" = True ] && [ "$(date +%s --date "$heard")" -ge "$started" ]
  elif [[ $answer == *NotFound* ]]; then registered=; return 1
  else api=; return 1
  fi
}
# one kubectl that waits leaves the processors to the node, which needs them to become Ready
node_ready() { look_at_node || { [[ $ready == [FU]* ]] && await_ready >/dev/null 2>&1 && look_at_node; }; }
node_late() {
  if [ -z "$api" ]; then printf 'the API server did not answer, which was asked for Node %s,' ${name}
  elif [ -z "$registered" ]; then printf 'Node %s did not register' ${name}
  elif [ "$ready" = False ] && [ -n "$message" ]; then printf 'Node %s was not Ready (%s)' ${name} "$message"
  else printf 'Node %s was not Ready' ${name}
  fi
}
until_true ${`node ${name} to be Ready`} node_ready node_late
ask_addresses 2>/dev/null | sed ${`s/^/${addressMark}/`}`}`
}
