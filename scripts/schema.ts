/** Writes what is made of the model: schema/ and the tables of docs/inventory.md. A test says when it is to be run. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generatedFiles } from './schema/generated-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const [path, text] of generatedFiles(root)) writeFileSync(root + path, text)
