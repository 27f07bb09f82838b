import * as z from 'zod'
import type { Access } from '../../model/distribution/access.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { jsonText } from '../../model/text/json-text.ts'
import { sh } from '../../templates/shell-quote.ts'
import { etcdFunctions } from '../cluster/cluster-members.ts'
import { section } from '../sections.ts'
import { etcdPlain } from './etcd-member.ts'

/** What one server's API and etcd say of the whole cluster. */
export interface ClusterLook {
  readonly nodes: readonly SeenNode[]
  /** By the name of their Node; empty: of none yet. */
  readonly pods: readonly PodCount[]
  /** Absent without the cluster's own etcd, or where it does not answer. */
  readonly etcd?: EtcdLook
}

interface SeenNode {
  readonly name: string
  readonly ready: boolean
  /** The kubelet's: `v1.36.3+k3s1`. */
  readonly version: string
  /** No new Pods come to it. */
  readonly cordoned: boolean
}

interface PodCount {
  readonly node: string
  /** Running, and ready. */
  readonly running: number
  /** Without those that have come to their end. */
  readonly total: number
}

export interface EtcdLook {
  /** By their names, without the suffix that k3s gives them. */
  readonly members: readonly { readonly name: string; readonly learner: boolean }[]
  /** Absent where nobody could say. */
  readonly leader?: string
  /** It said so itself: nothing can be written. */
  readonly leaderless?: true
}

/** Seconds for each question, so that an API without a majority delays nobody for longer. */
const SECONDS = 3

const columns = [
  '.kind',
  '.spec.nodeName',
  '.status.phase',
  '.status.conditions[?(@.type=="Ready")].status',
  '.status.nodeInfo.kubeletVersion',
  '.spec.unschedulable',
  '.metadata.name',
]
const template = `{range .items[*]}${columns.map((column) => `{${column}}`).join('{"\\t"}')}{"\\n"}{end}`

/** The server's own etcd leads. */
const ITSELF = 'itself'

/**
 * The questions are asked at the same time, because starting kubectl takes longer than an answer: so it is not started
 * for the leader if etcd's metrics say that this server leads. Pods are counted on the server, by what is equal of them:
 * a cluster may have a hundred thousand. kubectl collects no garbage for the few bytes of etcd's answers.
 */
export const clusterLook: Probe<Access, ClusterLook | undefined> = {
  name: 'cluster-look',
  script: (access) => `${etcdFunctions(access)}
${etcdPlain(access.etcd)}
ask_etcd() { GOGC=off timeout ${SECONDS + 1} bash -c "$(declare -f etcd_listens etcd_api); "'etcd_api "$@"' - "$@" | tr -d '\\n'; }
ask_leader() {
  if etcd_plain /metrics | grep -q '^etcd_server_is_leader 1$'; then printf ${ITSELF}; else ask_etcd /v3/maintenance/status '{}'; fi
}
${sh`exec {members}< <([ ! -d ${access.etcd.data} ] || ask_etcd /v3/cluster/member/list '{}')
exec {leader}< <([ ! -d ${access.etcd.data} ] || ask_leader)
[ ! -f ${access.admin} ] || ! seen=$(GOGC=200 timeout ${SECONDS + 1} ${access.kubectl} --cache-dir=/dev/null --request-timeout=${`${SECONDS}s`} \
  get nodes,pods --all-namespaces --output ${`jsonpath=${template}`} </dev/null 2>/dev/null) || {
  printf 'asked\n'
  sed -E 's/^(Pod(\t[^\t]*){3}).*/\\1/' <<<"$seen" | sort | uniq -c | sed -E 's/^ *([0-9]+) /\\1\t/'
}`}
printf 'members\\t%s\\n' "$(cat <&"$members")"
printf 'leader\\t%s\\n' "$(cat <&"$leader")"`,
  parse: (stdout) => {
    const lines = rows(stdout)
    if (!lines.some(([first]) => first === 'asked')) return undefined
    const etcd = etcdOf(textOf(lines, 'members'), textOf(lines, 'leader'))
    return {
      nodes: lines.flatMap(([, kind, , , ready, version = '', unschedulable, name = '']) =>
        kind === 'Node' ? [{ name, ready: ready === 'True', version, cordoned: unschedulable === 'true' }] : [],
      ),
      pods: countsOf(lines),
      ...(etcd === undefined ? {} : { etcd }),
    }
  },
}

type Rows = ReturnType<typeof rows>

function textOf(lines: Rows, wanted: string): string {
  return lines.find(([first]) => first === wanted)?.[1] ?? ''
}

function countsOf(lines: Rows): readonly PodCount[] {
  const counts = new Map<string, { running: number; total: number }>()
  for (const [count, kind, node = '', phase, ready] of lines) {
    if (kind !== 'Pod' || phase === 'Succeeded' || phase === 'Failed') continue
    const known = counts.get(node) ?? { running: 0, total: 0 }
    known.total += Number(count)
    if (phase === 'Running' && ready === 'True') known.running += Number(count)
    counts.set(node, known)
  }
  return [...counts].map(([node, count]) => ({ node, ...count }))
}

/** etcd.io/docs/v3.6/dev-guide/api_reference_v3: MemberListResponse and StatusResponse; numbers of 64 bits are texts. */
const memberList = jsonText.pipe(
  z.object({
    header: z.object({ member_id: z.string().default('') }).default({ member_id: '' }),
    members: z.array(z.object({ ID: z.string(), name: z.string().default(''), isLearner: z.boolean().default(false) })),
  }),
)
const memberStatus = jsonText.pipe(z.object({ leader: z.string().optional() }))

function etcdOf(list: string, status: string): EtcdLook | undefined {
  const listed = memberList.safeParse(list).data
  if (listed === undefined) return undefined
  const { members, header } = listed
  const answered = status === ITSELF ? { leader: header.member_id } : memberStatus.safeParse(status).data
  // a member that has not started yet has no name
  const nameOf = ({ name }: { readonly name: string }) => name.replace(/-[0-9a-f]{8}$/, '')
  const leader = members.find(({ ID }) => ID === answered?.leader)
  return {
    members: members.map((member) => ({ name: nameOf(member), learner: member.isLearner })),
    ...(leader === undefined ? {} : { leader: nameOf(leader) }),
    ...(answered !== undefined && leader === undefined ? { leaderless: true } : {}),
  }
}

/** The same in a script of its own, for a server that was not asked at first. */
export function clusterLookScript(access: Access): string {
  return `export LC_ALL=C\n${section(clusterLook.name, clusterLook.script(access))}`
}
