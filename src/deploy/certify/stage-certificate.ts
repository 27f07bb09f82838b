import { randomBytes } from 'node:crypto'
import { KeelError } from '../../errors.ts'
import { signerOf } from '../../model/keys/ssh-signature.ts'
import { hasOperation } from '../../plan/operation.ts'
import type { HostDeployment } from '../deployment.ts'
import { runStep, stagingOf } from '../host/host-deployment.ts'
import { NAMESPACE, receiveScript, requestScript } from './scripts.ts'

/** Characters of a signature in base64; OpenSSH's has about 360. */
const LONGEST_PROOF = 2000

/**
 * The host makes a key, keel signs its certificate, and both are there, where nothing uses them. The key never leaves
 * the host: a signature of what keel has just made up proves that the host has it.
 * @throws KeelError `certify-proof` where the host answers something else
 */
export async function stageCertificate(deployment: HostDeployment): Promise<void> {
  const { host, plan, rendered, certifier } = deployment
  const first = rendered.parts.keelAgent?.first
  if (first === undefined || !hasOperation(plan.operations, 'certify')) return
  deployment.onFirstByte?.()
  const staging = stagingOf(deployment)
  const challenge = `${host.name} ${randomBytes(32).toString('hex')}`
  const { stdout } = await runStep(deployment, 'stage', requestScript(staging, challenge), {})
  const publicKey = signerOf(challenge, NAMESPACE, proofIn(stdout))
  if (publicKey === undefined) throw unproven(host.name)
  const { ca, node, names } = first
  const certificate = await certifier.sign({ ca, publicKey, node, names: [node, ...names] })
  await runStep(deployment, 'stage', receiveScript(staging), { input: Buffer.from(certificate) })
}

function proofIn(stdout: string): string {
  const proof = /^proof ([A-Za-z0-9+/=]*)$/m.exec(stdout.slice(0, LONGEST_PROOF + 100))?.[1] ?? ''
  return proof.length <= LONGEST_PROOF ? proof : ''
}

function unproven(at: string): KeelError {
  return new KeelError({
    code: 'certify-proof',
    at,
    found: 'the host did not prove that it has the key of the keel-agent’s certificate',
    why: 'keel signs no certificate for a key that the host may not have',
    todo: 'check whether this is the right machine, and whether its ssh-keygen works: ssh-keygen -Y sign. Then run the deploy again',
  })
}
