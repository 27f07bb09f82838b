import { sha256 } from '../../model/digest.ts'
import type { Past, UpgradedFiles } from '../../model/distribution/past.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

export interface SeenPast {
  /** k3s has started as a server here before: its datastore is on the disk. */
  readonly server: boolean
  /** k3s has joined as an agent here before: its kubelet has a certificate. */
  readonly agent: boolean
  /** The probe did not find the node's own files: if k3s runs, somebody deleted them. */
  readonly noAgentData?: true
  /** The CA that data belongs to, by `certificateId`. */
  readonly serverCa?: string
  readonly agentCa?: string
  /**
   * Of the program that the data was last used with, or is about to be: `v1.36.3+k3s1`. Absent without data, or if the
   * program does not tell.
   */
  readonly version?: string
  /** The version that the node has come to, as a whole: at the end of a join or an upgrade. Absent where none is noted. */
  readonly reached?: string
  /** Of an API server that runs in a Pod, by its manifest. */
  readonly controlPlane?: string
}

/** Seconds: under load a program takes some to print its version. */
export const VERSION_SECONDS = 20

/** Where a host's data is; without the others only whether there is any. */
export type PastQuestion = Past | Pick<Past, 'server' | 'agent'>

/** Whether k3s has already run on this host, and under which CA. */
export const seenPast: Probe<PastQuestion, SeenPast> = {
  name: 'past',
  script: (past) => `${sh`
[ ! -d ${past.server} ] || printf 'server\\tyes\\n'
if [ -f ${past.agent} ]; then printf 'agent\\tyes\\n'; else printf 'agent\\tno\\n'; fi`}
${'version' in past ? originScript(past) : ''}${'version' in past && past.upgraded !== undefined ? upgradedScript(past.upgraded) : ''}`,
  parse: (stdout) => {
    const found = Object.fromEntries(rows(stdout).map(([key = '', value = '']) => [key, value]))
    return {
      server: found.server === 'yes',
      agent: found.agent === 'yes',
      ...(found.agent === 'no' ? { noAgentData: true as const } : {}),
      ...(found.serverCa === undefined ? {} : { serverCa: found.serverCa }),
      ...(found.agentCa === undefined ? {} : { agentCa: found.agentCa }),
      ...(found.reached === undefined ? {} : { reached: found.reached }),
      ...(found.controlPlane === undefined ? {} : { controlPlane: found.controlPlane }),
    }
  },
}

/**
 * The program's own answer, on a host with data. It is no part of what a deploy compares: a program that runs out of its
 * time says nothing, and is still the same.
 */
export const pastVersion: Probe<Past, Pick<SeenPast, 'version'>> = {
  name: 'past-version',
  script: ({ server, agent, version: { command, says } }) => sh`
if [ -d ${server} ] || [ -f ${agent} ]; then
  timeout ${VERSION_SECONDS} ${command} </dev/null 2>/dev/null | sed -nE ${`1s/^${says} (v[^ ]+).*/version\\t\\1/p`}
fi
true`,
  parse: (stdout) => {
    const version = rows(stdout).find(([key]) => key === 'version')?.[1]
    return version === undefined ? {} : { version }
  },
}

/**
 * The certificate's body without its line breaks: the two copies k3s keeps need not be equal to the byte. Of the program
 * only what differs when another one is put in its place; a deploy compares that.
 */
function originScript({ serverCa, agentCa, version: { command } }: Past): string {
  return sh`body() { sed -n '/-----BEGIN/,/-----END/{/-----/d;p}' "$1" | tr -d '\\r\\n' | sha256sum | cut -c1-64; }
[ -f ${serverCa} ] && printf 'serverCa\\t%s\\n' "$(body ${serverCa})"
[ -f ${agentCa} ] && printf 'agentCa\\t%s\\n' "$(body ${agentCa})"
program=$(command -v ${command[0] ?? ''}) &&
  printf 'program\\t%s\\n' "$({ readlink -f -- "$program"; stat -L -c '%s %.9Y %.9Z' -- "$program"; } 2>/dev/null | sha256sum | cut -c1-64)"
true`
}

const version = 'v[0-9]+\\.[0-9]+\\.[0-9]+'

function upgradedScript({ reached, apiServer }: UpgradedFiles): string {
  return sh`
sed -nE ${`1s/^(${version})$/reached\\t\\1/p`} ${reached} 2>/dev/null
sed -nE ${`s/^ *image: .*\\/kube-apiserver:(${version})$/controlPlane\\t\\1/p`} ${apiServer} 2>/dev/null
true`
}

/** The same digest of a PEM file as the probe's: SHA-256 of the base64 body. */
export function certificateId(pem: string): string {
  const body = pem
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('-----'))
    .join('')
  return sha256(body)
}
