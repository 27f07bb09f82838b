/** How a command ended, for the error stream since the protocol v4 (k8s.io/apimachinery, metav1.Status). */
export type Outcome =
  | { readonly kind: 'exited'; readonly code: number }
  /** It could not even run, or was ended: why, in words for the person at kubectl. */
  | { readonly kind: 'failed'; readonly message: string }

/** The one message on the error stream. kubectl ends with the exit code in it. */
export function exitStatus(outcome: Outcome): Buffer {
  return Buffer.from(JSON.stringify(statusOf(outcome)))
}

function statusOf(outcome: Outcome): object {
  if (outcome.kind === 'failed')
    return { metadata: {}, status: 'Failure', reason: 'InternalError', message: outcome.message, code: 500 }
  const { code } = outcome
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with exit code ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: `${code}` }] },
  }
}
