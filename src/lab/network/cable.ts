import { execa } from 'execa'
import { hostOf, readLab } from '../description.ts'
import { switchNamespace } from '../names.ts'
import type { Work } from '../work.ts'

/**
 * Pulls a host's network cable at the switch: the host goes on, nobody hears it, and it sees no link of its own go
 * down.
 */
export const cutHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'down', work)

/** Puts the cable back. */
export const healHost = (lab: string, name: string, work: Work): Promise<void> => setPort(lab, name, 'up', work)

async function setPort(lab: string, name: string, state: 'up' | 'down', work: Work): Promise<void> {
  hostOf(await readLab(lab, work.env), name)
  // the port leaves the bridge instead of going down: the other end would see its carrier go, as no real host does
  // behind a switch
  const action = state === 'down' ? ['nomaster'] : ['master', 'br0']
  await execa('ip', ['-n', switchNamespace(lab), 'link', 'set', name, ...action])
}
