import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import { ExitCode } from '../../errors.ts'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { readCredential } from './read-credential.ts'

/** `json`: all of it. `ready`: the Ready condition in a line. `addresses`: its addresses, a line each. */
const QUESTIONS = ['json', 'ready', 'addresses'] as const
type Question = (typeof QUESTIONS)[number]

export function isQuestion(word: string | undefined): word is Question {
  return QUESTIONS.some((one) => one === word)
}

const nodeSchema = z.looseObject({
  status: z
    .looseObject({
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            lastHeartbeatTime: z.string().nullish(),
            message: z.string().nullish(),
          }),
        )
        .default([]),
      addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).default([]),
    })
    .default({ conditions: [], addresses: [] }),
})

/**
 * Prints what the API server has of this host's Node, for keel: there is no kubectl on such a host. Its messages have
 * kubectl's words, so that a deploy reads both alike.
 */
export async function tellOwnNode(configuration: VkubeletConfig, question: Question): Promise<number> {
  try {
    const path = `/api/v1/nodes/${configuration.node.name}`
    const node = await askApi(await readCredential(configuration.api), 'GET', path)
    process.stdout.write(`${answerTo(question, node)}\n`)
    return ExitCode.Done
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    process.stderr.write(`${error.status === 404 ? 'NotFound: ' : ''}${error.message}\n`)
    return ExitCode.Failed
  }
}

/** The same lines as the ones that keel has kubectl make elsewhere (src/deploy/host/verify-script.ts). */
export function answerTo(question: Question, node: unknown): string {
  if (question === 'json') return JSON.stringify(node)
  const { conditions, addresses } = nodeSchema.parse(node).status
  if (question === 'addresses')
    return addresses
      .filter(({ type }) => type === 'InternalIP')
      .map(({ address }) => address)
      .join('\n')
  return conditions
    .filter(({ type }) => type === 'Ready')
    .map(({ status, lastHeartbeatTime, message }) => [status, lastHeartbeatTime ?? '', message ?? ''].join(' '))
    .join('\n')
}
