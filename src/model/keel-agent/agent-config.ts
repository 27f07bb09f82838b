import * as z from 'zod'
import { strict } from '../schema/parsed.ts'
import { agentIdentity } from './agent-identity.ts'
import { AGENT_LIFETIME, SHORTEST_LIFETIME } from './approver-account.ts'
import { helperSockets } from './helper.ts'

/** The TCP port of the keel-agent. Its unit has no right to use one below 1024. */
export const keelAgentPort = z.int().min(1024).max(65_535)
export const logLevel = z.enum(['error', 'warn', 'info', 'debug'])

const path = z.string().regex(/^\//)

/**
 * /etc/keel/agent.json, the configuration of the keel-agent. keel writes it, and the agent refuses what it does not
 * know. Published as schema/agent.json. `version` changes if an agent of today would misread the file. A new key with a
 * default needs no new version.
 */
export const agentConfigSchema = strict({
  version: z.literal(1),
  kubernetes: strict({
    kubeconfig: path.describe("how it reaches the API, once there is one; the node's own name comes as NODE_NAME"),
    approvesOwn: z
      .boolean()
      .describe('it approves its own requests, because its account may: the inventory has `rbac: one-role`')
      .default(false),
  }),
  operational: strict({
    certificate: path.describe('where it keeps the certificate that its clients know it by (PEM)'),
    key: path.describe('where it keeps the key of that (PEM, 0600)'),
    seconds: z
      .int()
      .min(SHORTEST_LIFETIME)
      .max(AGENT_LIFETIME)
      .describe('how long the certificate that it requests should be valid')
      .default(AGENT_LIFETIME),
  }),
  first: strict({
    certificate: path.describe(
      'the certificate that keel signs during a deploy, served while there is no operational one (PEM)',
    ),
    key: path.describe('the key of that (PEM, 0600)'),
  }).default(agentIdentity.first),
  names: z
    .array(z.string().min(1))
    .describe('how its clients reach it, besides by the name of its Node: DNS names and IP addresses')
    .default([]),
  clients: strict({
    ca: path.describe('the CA whose certificates its clients show (PEM)'),
  }).default({ ca: agentIdentity.clientCa }),
  helper: strict({
    look: path.describe('the socket of its helper for what viewers may ask'),
    act: path.describe('that for what operators may do'),
  }).default(helperSockets),
  listen: strict({ port: keelAgentPort.describe('the TCP port on which it serves its clients') }),
  log: strict({ level: logLevel }),
})

export type AgentConfig = z.output<typeof agentConfigSchema>
/** As keel writes it: without what has a default. */
export type WrittenAgentConfig = z.input<typeof agentConfigSchema>
