import { randomBytes } from 'node:crypto'
import { lstatSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Role } from '../../agent/server/role.ts'
import { ExitCode, KeelError, systemCode } from '../../errors.ts'
import { repositoryOf } from '../../files/git.ts'
import { clientCertificate } from '../../node-client/client-certificate.ts'
import { clientFile } from '../../node-client/client-file.ts'
import { type Command, directory, identity } from '../shared/command.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { agentCaOf, type NodeInput, userOf } from './agent-asker.ts'
import { durationOf } from './duration.ts'

interface Input extends NodeInput {
  readonly for?: string
  readonly role?: string
  readonly out?: string
}

/** Seconds. A stolen file works until its end: nothing revokes it but a new CA. */
const LONGEST = { viewer: 90 * 86_400, operator: 86_400 } as const

export const login: Command<Input> = {
  name: 'node login',
  summary: 'print a client certificate for the keel-agents, for curl, Prometheus and other programs',
  options: [
    {
      flags: '--for <duration>',
      summary: 'how long it is valid: 30m, 8h, 30d (default: 8h; an operator 24h at most, a viewer 90d)',
    },
    { flags: '--role <role>', summary: 'viewer (default), or operator: may also restart units and reboot' },
    { flags: '--out <file>', summary: 'write it to this file, for its owner alone (0600)' },
    directory,
    identity,
  ],
  examples: [
    [
      'keel node login --for 8h --out ~/node.pem',
      'for `curl --cert ~/node.pem --cacert ~/node.pem https://ADDRESS:PORT/v1/node`',
    ],
    ['keel node login --role operator --for 1h', 'print it, for a pipe'],
  ],
  exits: [],
  async run(input, io) {
    const role = roleOf(input.role)
    const seconds = durationOf('--for', input.for ?? '8h', LONGEST[role])
    const workspace = await openWorkspace(input, io, 'look')
    const file = input.out === undefined ? undefined : resolve(io.cwd, input.out)
    if (file !== undefined) refuseToReplace(file)
    if (file !== undefined) refuseInGit(file, workspace.directory)
    const ca = await agentCaOf(workspace, input, io)
    const client = clientCertificate(ca, { name: userOf(), role, lasts: seconds * 1000 }, Date.now())
    const text = clientFile(client, { agentCa: ca.certificate, serverCa: (await workspace.store.caCertificate())?.pem })
    if (file === undefined) io.stdout.write(text)
    else write(file, text)
    io.note(`${role} until ${client.ends.toISOString()}; anybody with this file has the role`)
    return ExitCode.Done
  },
}

function roleOf(role = 'viewer'): Role {
  if (role === 'viewer' || role === 'operator') return role
  throw new KeelError({
    code: 'usage',
    at: '--role',
    found: role,
    todo: 'choose viewer or operator',
    exit: ExitCode.Usage,
  })
}

/** A rename would put the key in place of /dev/null, or of a link that others rely on. */
function refuseToReplace(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== false) return
  throw new KeelError({
    code: 'node-login-file',
    at: file,
    found: 'something that is not a regular file',
    why: 'keel would put the new file in its place',
    todo: 'name another file with --out, or leave --out away: keel then prints it',
    exit: ExitCode.Usage,
  })
}

/** The next `git add` would take the key, and everybody who has the repository would have the role. */
function refuseInGit(file: string, inventory: string): void {
  const real = realPath(inventory)
  const repository = repositoryOf(real) ?? real
  const folder = realPath(dirname(file))
  if (folder !== repository && !folder.startsWith(join(repository, '/'))) return
  throw new KeelError({
    code: 'node-login-file',
    at: file,
    found: 'a file in the git repository of the inventory',
    why: 'the key in it would be committed, and everybody with the repository would have the role',
    todo: `name a file outside of ${repository} with --out`,
    exit: ExitCode.Usage,
  })
}

/** Without links. A folder that is not there is named as it is: the file can't be written there. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}

/** In one step: a program that reads it never sees half of it, nor another mode. */
function write(file: string, text: string): void {
  const fresh = `${file}.keel-${randomBytes(6).toString('hex')}`
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' })
    renameSync(fresh, file)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw new KeelError({
      code: 'node-login-file',
      at: file,
      found: `keel can’t write this file (${systemCode(error)})`,
      todo: 'name another file with --out',
      exit: ExitCode.Usage,
    })
  }
}
