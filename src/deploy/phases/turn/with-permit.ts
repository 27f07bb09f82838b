import { dirname } from 'node:path/posix'
import { KeelError } from '../../../errors.ts'
import { duePermit } from '../../../plan/due-permit.ts'
import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import type { Transport } from '../../../ssh/transport.ts'
import { sh } from '../../../templates/shell-quote.ts'
import type { HostDeployment } from '../../deployment.ts'
import type { ChangedValues } from '../../files/stage-files.ts'
import { runStep, tellDone } from '../../host/host-deployment.ts'
import { runOnApi } from '../../through/api-run.ts'
import {
  type BootstrapToken,
  letInScript,
  newBootstrapToken,
  revokeScript,
  tokenSecret,
  tokenText,
} from '../../through/join-token.ts'

type Turn = (deployment: HostDeployment, changed: ChangedValues) => Promise<void>

/** Milliseconds. */
const REVOKE_MS = 15_000

/**
 * A turn in which a host that needs a permit has one: to found its cluster, to be upgraded, or to join with a token that
 * lets in this host alone, and nobody after the turn, however that ends.
 */
export function withPermit(turn: Turn): Turn {
  return async (deployment, changed) => {
    const { operations } = deployment.plan
    const permit = duePermit(deployment, operations)
    if (permit === undefined) return turn(deployment, changed)
    const [letIn] = operationsOf(operations, 'let-in')
    if (letIn === undefined) {
      await bring(deployment, permit.path, hasOperation(operations, 'upgrade-node') ? 'upgrade' : 'found')
      return turn(deployment, changed)
    }
    const server = deployment.transports.get(letIn.through)
    const token = newBootstrapToken()
    deployment.redactor.remember(Buffer.from(token.secret))
    try {
      await create(deployment, server, letIn.through, token)
      await bring(deployment, permit.path, `join ${tokenText(token)}`)
      tellDone(deployment, [letIn])
      await turn(deployment, changed)
    } finally {
      await revoke(deployment, server, token)
    }
  }
}

/** @throws KeelError `let-in` */
async function create(
  { rendered, plan, patience, signal }: HostDeployment,
  server: Transport | undefined,
  at: string,
  token: BootstrapToken,
): Promise<void> {
  const input = Buffer.from(tokenSecret(token, plan.host))
  const result =
    server && (await runOnApi(server, letInScript(rendered.access), { name: 'let-in', patience, signal, input }))
  if (result?.exitCode === 0) return
  throw new KeelError({
    code: 'let-in',
    at,
    found: `no token could be made for ${plan.host} to join with: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
    why: 'a node joins with a token of its own, which lives for minutes',
    todo: `look at the API server on ${at}, then \`keel deploy ${plan.host}\``,
  })
}

async function bring(deployment: HostDeployment, path: string, permit: string): Promise<void> {
  await runStep(deployment, 'activate', bringScript(path), { input: Buffer.from(`${permit}\n`) })
}

/** On a tmpfs, for root alone, and complete or not there at all. */
function bringScript(path: string): string {
  return sh`set -eu
(umask 022; mkdir -p /run/keel)
umask 077
mkdir -p ${dirname(path)}
IFS= read -r permit
printf '%s\n' "$permit" > ${`${path}.new`}
mv -fT -- ${`${path}.new`} ${path}`
}

/** Where that fails the token ends by itself, after minutes. */
async function revoke(
  { rendered }: HostDeployment,
  server: Transport | undefined,
  token: BootstrapToken,
): Promise<void> {
  await server?.run(revokeScript(rendered.access, token), { name: 'revoke', totalMs: REVOKE_MS }).catch(() => undefined)
}
