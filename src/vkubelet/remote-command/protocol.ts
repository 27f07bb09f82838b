/**
 * Kubernetes' protocols for commands over streams (k8s.io/apimachinery, remotecommand): v4 gives the exit status as an
 * object. Older ones have it in words, and v5 is for WebSockets alone.
 */
const COMMAND = 'v4.channel.k8s.io'
const FORWARD = 'portforward.k8s.io'

/**
 * The protocol to answer with.
 * @param offered the header lines `X-Stream-Protocol-Version`, each with one or more
 * @returns undefined where the client has none that this Node speaks: 403, with the list in words
 */
export function protocolOf(kind: 'command' | 'forward', offered: readonly string[]): string | undefined {
  const wanted = kind === 'command' ? COMMAND : FORWARD
  return offered.some((line) => line.split(',').some((one) => one.trim() === wanted)) ? wanted : undefined
}
