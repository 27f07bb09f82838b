import { KeelError } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { Access } from '../model/distribution/access.ts'
import type { Past } from '../model/distribution/past.ts'
import type { ClusterObject, LiveObject } from '../model/kubernetes/cluster-object.ts'
import { type ByPart, byPart, eachPart } from '../parts/by-part.ts'
import { type UnitState, unitState } from '../parts/unit-state.ts'
import { sh } from '../templates/shell-quote.ts'
import { checkedAnswer } from './checked-answer.ts'
import { type ClusterMembers, clusterNames } from './cluster/cluster-members.ts'
import { alsoFound, clusterObjects } from './cluster/cluster-objects.ts'
import { type K3sData, k3sData } from './distribution/k3s-data.ts'
import { type K3sRun, k3sRun } from './distribution/k3s-run.ts'
import { type ForeignQuestion, type ForeignState, foreignState } from './foreign.ts'
import { type CredentialPlace, type CredentialState, credentialStates } from './host/credential-states.ts'
import { dropIns } from './host/drop-ins.ts'
import { type GenerationState, generation, stateDirectory } from './host/generation.ts'
import { type HostSystem, hostSystem } from './host/host-system.ts'
import { type NixosState, nixosSystem } from './host/nixos-system.ts'
import { largeFilesScript, type PathState, pathStates } from './host/path-states.ts'
import { type NodeMarks, type NodeQuestion, nodeMarks, nodeReference, type OwnedMarks } from './node/node-marks.ts'
import { nodeRecords, recordsReference } from './node/node-records.ts'
import { type NodeStatus, nodeStatus } from './node/node-status.ts'

/** What was seen on one host, once. */
export type Facts = FilesFacts | SystemFacts

interface AnyFacts {
  readonly host: HostName
  readonly system: HostSystem
  readonly unit: UnitState
  /** Drop-ins of the unit, by path: none is keel's. */
  readonly dropIns: readonly string[]
  /** What is there beside keel and concerns k3s; absent where it was not asked. */
  readonly foreign?: ForeignState
  readonly k3s: K3sData
  readonly run: K3sRun
  readonly generation: GenerationState
  /** Of the parts that the host is to have. */
  readonly parts: ByPart<'seen'>
  /** Absent where its k3s can't ask the API for it. */
  readonly node?: NodeMarks
  /** Absent as `node` is. */
  readonly status?: NodeStatus
  /** Asked of a server; absent where its API does not answer. */
  readonly objects?: readonly LiveObject[]
  /** Asked of a server, by Node: which labels and taints keel has given it; absent where its API does not answer. */
  readonly records?: Readonly<Record<string, OwnedMarks>>
  /** Asked of one server; absent where its API does not answer. */
  readonly members?: ClusterMembers
  /**
   * Identifies what was seen of everything but the units, the API and the address, which change by themselves: a deploy
   * refuses a host that has changed since.
   */
  readonly digest: string
}

/** Of a host on which keel writes files. */
export interface FilesFacts extends AnyFacts {
  readonly kind: 'files'
  readonly paths: Readonly<Record<string, PathState>>
  readonly credentials: Readonly<Record<string, CredentialState>>
}

/** Of a host whose system is built as a whole. */
export interface SystemFacts extends AnyFacts {
  readonly kind: 'system'
  readonly nixos: NixosState
}

export type Questions = FilesQuestions | SystemQuestions

interface AnyQuestions {
  readonly unit: string
  readonly parts: ByPart<'placed'>
  readonly foreign?: ForeignQuestion
  readonly access: Access
  readonly past: Past
  /** The name of its Node. */
  readonly node: string
  /** Of a server: what keel wants in the cluster's API. */
  readonly objects?: readonly ClusterObject[]
  /** Of a server: which Nodes and etcd members there are. */
  readonly members?: boolean
}

export interface FilesQuestions extends AnyQuestions {
  readonly kind: 'files'
  readonly paths: readonly string[]
  readonly credentials: readonly CredentialPlace[]
}

export interface SystemQuestions extends AnyQuestions {
  readonly kind: 'system'
}

const mark = '\u0001probe '
const largeFiles = 'large-files'

/** Addresses come and go with pods, and with the cluster's own: they say nothing of what a deploy relies on. */
const lasting = "grep -v '^address='"
const digest = `${lasting} | sha256sum | cut -c1-64`

/**
 * Before a digest that was made while k3s started on data that it had: what k3s adds to it meanwhile says as little.
 */
const starting = 'starting:'

/** Every probe in one script: one exec, whatever is asked. */
export function factsScript(questions: Questions): string {
  const { objects, members, foreign, access, node: name } = questions
  // asked while the host is: the API takes as long to answer as the disk, and systemd as well
  const asked = [
    // by a function: bash's parser loses its way in a `case` of some lines between the brackets
    ...(foreign === undefined ? [] : [`ask_foreign() {\n${foreignState.script(foreign)}\n}\nexec {foreign}< <(ask_foreign)`]),
    ...(objects === undefined
      ? []
      : [
          `exec {objects}< <(${clusterObjects.script({ access, wanted: objects, also: [recordsReference, nodeReference(name)] })}\n)`,
        ]),
    ...(members === true ? [`exec {members}< <(${clusterNames.script(access)}\n)`] : []),
  ].join('\n')
  return `${stableFacts(questions)}
without_k3s_data() { sed '/^${mark}${k3sData.name}$/,/^${mark}${generation.name}$/{/^${mark}${generation.name}$/!d}'; }
${asked}
began=$(systemctl show --property=ActiveState ${sh`-- ${questions.unit}`})
seen=$(facts)
printf '%s\\n' "$seen"
${questions.kind === 'files' ? section(largeFiles, largeFilesScript(questions.paths)) : ''}
${section(unitState.name, unitState.script(questions.unit))}
${section(dropIns.name, dropIns.script(questions.unit))}
${foreign === undefined ? '' : section(foreignState.name, 'cat <&"$foreign"')}
${section(k3sRun.name, k3sRun.script(questions.unit))}
${objects === undefined ? section(nodeMarks.name, nodeMarks.script({ access, name })) : askedServer({ access, name })}
${members === true ? section(clusterNames.name, 'cat <&"$members"') : ''}
${partSections(questions, false)}
printf '${mark}digest\\n'
kept=cat
case $began$seen in
  ActiveState=activating*$'\\nserver\\tyes'*|ActiveState=activating*$'\\nagentCa\\t'*) kept=without_k3s_data; printf ${starting} ;;
esac
printf '%s\\n' "$seen" | "$kept" | ${digest}`
}

/** Prints `Facts.digest` as it is now, made as the one that was seen. */
export function factsDigestScript(questions: Questions, seen: string): string {
  const isStarting = seen.startsWith(starting)
  return `${stableFacts(questions, !isStarting)}
${isStarting ? `printf ${starting}` : ''}
printf '%s\\n' "$(facts)" | ${digest}`
}

/**
 * Prints a digest of what only people and keel change, and of which deploy was the last: it holds for as long as other
 * hosts take. k3s makes its data while it starts, and a deploy that was cut off may still be watching it.
 */
export function settledDigestScript(questions: Questions): string {
  return `${stableFacts(questions, false)}
{ facts; readlink ${stateDirectory}/current; } | grep -vx unconfirmed | ${digest}`
}

function stableFacts(questions: Questions, withK3sData = true): string {
  return `export LC_ALL=C
facts() {
${section(hostSystem.name, hostSystem.script())}
${heldSections(questions)}
${withK3sData ? section(k3sData.name, k3sData.script(questions.past)) : ''}
${section(generation.name, generation.script())}
${partSections(questions, true)}
}`
}

/**
 * A server has been asked for its own Node together with all else. Where the administrator's credential is not in its
 * place, the kubelet's may be.
 */
function askedServer(node: NodeQuestion): string {
  return `${section(clusterObjects.name, 'answer=$(cat <&"$objects"); [ -z "$answer" ] || printf \'%s\\n\' "$answer"')}
${section(nodeMarks.name, `[ -n "$answer" ] || { ${nodeMarks.script(node)}\n}`)}`
}

function partSections({ parts }: Questions, isLasting: boolean): string {
  return eachPart(parts, ({ name, probe }, placed) =>
    probe?.isLasting === isLasting ? [section(name, probe.script(placed))] : [],
  ).join('\n')
}

/** Where keel's part of a host is. */
function heldSections(questions: Questions): string {
  switch (questions.kind) {
    case 'files':
      return `${section(pathStates.name, pathStates.script(questions.paths))}
${section(credentialStates.name, credentialStates.script(questions.credentials))}`
    case 'system':
      return section(nixosSystem.name, nixosSystem.script())
  }
}

function section(name: string, script: string): string {
  return `printf '${mark}${name}\\n'\n${script}`
}

/**
 * @param kind as it was asked: what a host answers beside that is not read
 * @throws KeelError `facts-garbled` where the host printed something else
 */
export function parseFacts(host: HostName, stdout: string, kind: Questions['kind']): Facts {
  return checkedAnswer(host, '', () => readFacts(host, stdout, kind))
}

function readFacts(host: HostName, stdout: string, kind: Questions['kind']): Facts {
  const sections = new Map(
    stdout
      .split(mark)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)] as const),
  )
  const answer = (name: string): string => {
    const text = sections.get(name)
    if (text === undefined) throw new KeelError({ code: 'facts-garbled', at: host, found: `the probe did not answer ${name}` })
    return text
  }
  const api = sections.get(clusterObjects.name) ?? ''
  const objects = clusterObjects.parse(api)
  const also = objects === undefined ? undefined : alsoFound(api)
  const nodeText = also?.get('Node') ?? answer(nodeMarks.name)
  const node = nodeMarks.parse(nodeText)
  const status = nodeStatus(nodeText)
  const members = clusterNames.parse(sections.get(clusterNames.name) ?? '')
  const records = also === undefined ? undefined : nodeRecords(also.get('ConfigMap'))
  const facts: AnyFacts = {
    host,
    system: hostSystem.parse(answer(hostSystem.name)),
    unit: unitState.parse(answer(unitState.name)),
    dropIns: dropIns.parse(answer(dropIns.name)),
    ...(sections.has(foreignState.name) ? { foreign: foreignState.parse(answer(foreignState.name)) } : {}),
    k3s: k3sData.parse(answer(k3sData.name)),
    run: k3sRun.parse(answer(k3sRun.name)),
    generation: generation.parse(answer(generation.name)),
    parts: byPart<'seen'>(({ name, probe }) => (sections.has(name) ? probe?.parse(answer(name)) : undefined)),
    ...(node === undefined ? {} : { node }),
    ...(status === undefined ? {} : { status }),
    ...(objects === undefined ? {} : { objects }),
    ...(records === undefined ? {} : { records }),
    ...(members === undefined ? {} : { members }),
    digest: answer('digest').trim(),
  }
  switch (kind) {
    case 'files':
      return {
        ...facts,
        kind,
        paths: pathStates.parse(`${answer(pathStates.name)}\n${answer(largeFiles)}`),
        credentials: credentialStates.parse(answer(credentialStates.name)),
      }
    case 'system':
      return { ...facts, kind, nixos: nixosSystem.parse(answer(nixosSystem.name)) }
  }
}
