import { minorOf } from '../k3s/k3s-version.ts'
import { SUPPORT_WINDOW, SUPPORT_WINDOW_READ, supportedMinors, supportOf } from './support-window.ts'

/** The texts of a `Fault` without its place. */
export interface OutOfSupport {
  readonly code: 'out-of-support'
  readonly found: string
  readonly why: string
  readonly todo: string
}

/**
 * What to tell about a version whose minor upstream no longer supports; undefined if it is supported, or newer than the
 * table. If the table knows no supported minor any more, the text names the table as the source, and keel as too old.
 * Pure.
 * @param today `2026-11-29`
 * @param deployable the minors that this keel can deploy
 */
export function outOfSupport(version: string, today: string, deployable: readonly number[]): OutOfSupport | undefined {
  const minor = minorOf(version)
  if (minor === undefined) return undefined
  const support = supportOf(minor, today)
  if (support.kind !== 'ended') return undefined
  const ended = support.ends === undefined ? 'ended' : `ended on ${support.ends}`
  const newer = supportedMinors(today).filter((one) => deployable.includes(one))
  const [oldest] = newer
  if (oldest === undefined) {
    return {
      code: 'out-of-support',
      found: `support of Kubernetes 1.${minor} ${ended}, according to this keel`,
      why: `this keel knows what was released by ${SUPPORT_WINDOW_READ}, and can deploy no minor version that is supported now`,
      todo: 'install a newer keel',
    }
  }
  return {
    code: 'out-of-support',
    found: `support of Kubernetes 1.${minor} ${ended} (version: ${version})`,
    why: `nobody fixes its security holes; supported: ${newer.map(withEnd).join(', ')}`,
    todo: `upgrade to 1.${oldest}${oldest - minor > 1 ? ` one minor version at a time, to 1.${minor + 1} first` : ''}: \`keel help upgrade-k3s\``,
  }
}

function withEnd(minor: number): string {
  return `1.${minor} until ${SUPPORT_WINDOW.find((one) => one.minor === minor)?.ends}`
}
