/** That the agent answers, as `/v1/health` tells it. */
export interface Health {
  readonly status: 'up'
}

export const health: Health = { status: 'up' }
