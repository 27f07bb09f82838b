import { execa } from 'execa'
import { hostOf, readLab } from '../description.ts'
import { switchNamespace } from '../names.ts'
import type { Work } from '../work.ts'

/**
 * Disconnects the network cable of a host at the switch. The host continues to run. Nothing that it sends arrives, but
 * its own link stays up.
 */
export const cutHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'down', work)

/** Connects the cable again. */
export const healHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'up', work)

async function setPort(lab: string, name: string, state: 'up' | 'down', work: Work): Promise<void> {
  hostOf(await readLab(lab, work.env), name)
  // The port leaves the bridge instead of going down. Otherwise the other end would lose its carrier, which does not
  // happen to a real host behind a switch.
  const action = state === 'down' ? ['nomaster'] : ['master', 'br0']
  await execa('ip', ['-n', switchNamespace(lab), 'link', 'set', name, ...action])
}
