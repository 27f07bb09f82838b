import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_PROGRAM } from '../../../src/model/keel-agent/agent-program.ts'
import type { LabHost } from './lab-host.ts'

const source = new URL('keel-agent-probe.mjs', import.meta.url).pathname
/** A folder that the agent may read. */
const folder = '/var/lib/keel-agent-probe'

/**
 * Runs the probe under the unit of the agent that is on a host, with all settings and the Node of that unit: only the
 * command is another one. What the agent itself does goes on.
 * @param program the agent's executable, which names its Node
 */
export async function probeAgent(
  host: LabHost,
  words: readonly ['api'] | readonly ['reach' | 'write', ...string[]],
  program = AGENT_PROGRAM,
): Promise<unknown> {
  const disk = `/proc/${await host.firstProcess()}/root`
  await mkdir(join(disk, folder), { recursive: true })
  await writeFile(join(disk, folder, 'probe.mjs'), await readFile(source))
  const said = await host.sh(`node=$(sed -n 's/^exec \\([^ ]*\\) .*/\\1/p' ${program})
systemctl cat keel-agent.service | sed -E "
  s|^ExecStart=.*|ExecStart=$node --jitless ${folder}/probe.mjs ${words.join(' ')}|
  s|^Type=.*|Type=oneshot|
  /^Restart/d
  s|^\\[Service\\]|&\\nStandardOutput=truncate:${folder}/said|" > /run/systemd/system/keel-agent-probe.service
systemctl daemon-reload
systemctl start keel-agent-probe.service
cat ${folder}/said; rm /run/systemd/system/keel-agent-probe.service; systemctl daemon-reload`)
  return JSON.parse(said)
}
