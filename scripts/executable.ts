/**
 * `npm run build:executable [-- --arch amd64|arm64]`: keel as one program that needs no Node, in dist/executable/, for
 * this machine or for a Linux of the other kind.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleAll, EXECUTABLES } from './bundle.ts'
import { makeExecutable } from './executable/make-executable.ts'
import { targetNamed } from './executable/target.ts'

const { values } = parseArgs({ options: { arch: { type: 'string' } } })
const target = targetNamed(values.arch)
await bundleAll()
const out = fileURLToPath(new URL(`../dist/${EXECUTABLES}`, import.meta.url))
await mkdir(out, { recursive: true })
process.stdout.write(`${await makeExecutable(target, out)}\n`)
