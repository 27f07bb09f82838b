import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleAgent } from '../../../scripts/bundle.ts'

let made: Promise<string> | undefined

/** The agent's bundle, as hosts get it, made of the sources of now. @returns its path */
export function agentBundle(): Promise<string> {
  made ??= make()
  return made
}

async function make(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keel-agent-bundle-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'keel-agent.mjs')
  await bundleAgent(file)
  return file
}
