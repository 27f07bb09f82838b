import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import * as z from 'zod'
import type { Login } from './apt-folders.ts'

const schema = z.record(z.string(), z.strictObject({ user: z.string().min(1), password: z.string().min(1) }))

/** The logins that the inventory has for repositories, by their names. @param path absent: there are none */
export async function readLogins(path: string | undefined): Promise<ReadonlyMap<string, Login>> {
  if (path === undefined) return new Map()
  return new Map(Object.entries(schema.parse(parse(await readFile(path, 'utf8')))))
}
