import type { ServerResponse } from 'node:http'
import type { LogsRequest, PlainRequest, StreamRequest } from '../requests/kubelet-request.ts'
import type { Upgraded } from './upgraded.ts'

export interface PlainAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** What the Node answers to those who may ask. A failure of any of them is a 500, and no more than its words. */
export interface KubeletAnswers {
  plain(request: PlainRequest): Promise<PlainAnswer>
  /** Answers in its own time. @param signal the client is gone, or the server stops */
  logs(request: LogsRequest, response: ServerResponse, signal: AbortSignal): Promise<void>
  /** Answers the upgrade itself, with yes or no. */
  stream(request: StreamRequest, upgraded: Upgraded): Promise<void>
}

export function text(status: number, words: string): PlainAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n` }
}

/** A request that is refused, with the words for the person at kubectl. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
