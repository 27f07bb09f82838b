import { execa } from 'execa'
import { hostOf, readLab } from '../description.ts'
import { switchNamespace } from '../names.ts'
import type { Work } from '../work.ts'

/**
 * Pulls a host's network cable at the switch: the host continues to run, nothing that it sends arrives, and its own
 * link stays up.
 */
export const cutHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'down', work)

/** Puts the cable back. */
export const healHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'up', work)

async function setPort(lab: string, name: string, state: 'up' | 'down', work: Work): Promise<void> {
  hostOf(await readLab(lab, work.env), name)
  // the port leaves the bridge instead of going down: otherwise the other end would lose its carrier, which does not
  // happen to a real host behind a switch
  const action = state === 'down' ? ['nomaster'] : ['master', 'br0']
  await execa('ip', ['-n', switchNamespace(lab), 'link', 'set', name, ...action])
}
