import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabHost } from './lab-host.ts'

const source = new URL('keel-agent-stand-in.mjs', import.meta.url).pathname
const folder = '/usr/local/lib/keel-agent-stand-in'
const program = '/usr/local/bin/keel-agent'

/**
 * Puts the stand-in for the agent's program, and the node that runs it, at the place where the unit of a host expects
 * it. Starts nothing.
 */
export async function bringAgentStandIn(host: LabHost): Promise<void> {
  const root = `/proc/${await host.firstProcess()}/root`
  await mkdir(join(root, folder), { recursive: true })
  await copyFile(process.execPath, join(root, folder, 'node'), constants.COPYFILE_FICLONE)
  await chmod(join(root, folder, 'node'), 0o755)
  await writeFile(join(root, folder, 'keel-agent.mjs'), await readFile(source))
  await host.sh(
    `printf '#!/bin/sh\\nexec ${folder}/node ${folder}/keel-agent.mjs "$@"\\n' > ${program}; chmod 0755 ${program}`,
  )
}

/** Asks it over its port. @throws if nobody listens */
export async function askAgent(host: LabHost, question = ''): Promise<unknown> {
  return JSON.parse(await host.sh('exec 3<>/dev/tcp/127.0.0.1/50051; cat >&3; cat <&3', `${question}\n`))
}
