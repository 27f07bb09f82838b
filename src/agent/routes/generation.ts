import type { Helper } from '../helper/helper.ts'
import { timeOf } from '../services/unit-states.ts'

/** What keel deployed to this host last, as `/v1/generation` tells it. */
export interface GenerationReport {
  /** The name of the generation; on NixOS the path of the system. Absent where keel has deployed nothing. */
  readonly generation?: string
  /** RFC 3339, UTC, by the clock of the host. Absent where an earlier keel deployed it. */
  readonly deployed?: string
  /** The version of keel that deployed it. */
  readonly keel?: string
  /** A deploy changed what Kubernetes reads at its start, and did not restart it. */
  readonly restartPending: boolean
  /** A deploy put files in place, and did not see Kubernetes healthy with them. */
  readonly unconfirmed: boolean
}

/** @throws HelperError */
export async function readGeneration(helper: Helper): Promise<GenerationReport> {
  return generationOf(await helper.ask('look', 'generation'))
}

/** @param lines `generation\tNAME` or `system\tPATH`, `keel\tVERSION`, `deployed\tSECONDS`, `pending`, `unconfirmed` */
export function generationOf(lines: readonly string[]): GenerationReport {
  const found = new Map(lines.map((line) => [line.split('\t', 1)[0], line.slice(line.indexOf('\t') + 1)]))
  const word = (key: string) => {
    const text = found.get(key)
    return text !== undefined && /^[\w./+@-]{1,300}$/.test(text) ? text : undefined
  }
  const generation = word('generation') ?? word('system')
  const keel = word('keel')
  const deployed = word('deployed')
  return {
    ...(generation === undefined ? {} : { generation }),
    ...(deployed === undefined || !/^\d{1,11}$/.test(deployed) ? {} : { deployed: timeOf(Number(deployed)) }),
    ...(keel === undefined ? {} : { keel }),
    restartPending: found.has('pending'),
    unconfirmed: found.has('unconfirmed'),
  }
}
