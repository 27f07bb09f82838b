import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import type { SshPublicKey } from '../../../src/model/brands.ts'
import type { KeyRing } from '../../../src/ssh/keys/key-ring.ts'
import type { SshTarget } from '../../../src/ssh/transport.ts'

/**
 * What a fake host does with the command of a run. `script` returns what keel has sent on stdin since the host said
 * that it is ready.
 */
export type Answer = (channel: ServerChannel, host: { readonly script: () => string }) => Promise<void> | void

export interface FakeSshHost extends AsyncDisposable {
  readonly port: number
  /** The number of bytes that keel has received through the channels of the host. */
  readonly sent: () => number
  /** The commands that keel ran, in order. */
  readonly commands: readonly string[]
  target(name?: string, user?: string): SshTarget
}

const userKey = soundKeyPair()

/** A key pair that ssh2 can read. From time to time it writes one that it cannot read itself. */
function soundKeyPair() {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/** Every fake host accepts this key. `private` has the form of an OpenSSH file. */
export const fakeUserKey = userKey

/** The same key, parsed. */
export const fakeKeys: KeyRing = { identities: [identityOf(userKey.private)], problems: [] }

function identityOf(text: string) {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  const publicKey = `ssh-ed25519 ${key.getPublicSSH().toString('base64')}`
  return { publicKey, from: 'a made-up key', sign: async (bytes: Buffer) => key.sign(bytes) as Buffer }
}

/**
 * An SSH server in this process, like a machine that an attacker has taken over: it shows the pinned host key, lets
 * every user log in, and gives any answer to a command.
 */
export async function startFakeSshHost(answer: Answer, { forbidsSessions = false } = {}): Promise<FakeSshHost> {
  const hostKey = soundKeyPair()
  let sent = 0
  const commands: string[] = []
  const open = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    open.add(client)
    // like sshd: else each exchange waits 40 ms for an acknowledgement. The types of ssh2 have it for clients only
    ;(client as unknown as Pick<Socket, 'setNoDelay'>).setNoDelay(true)
    client.on('error', () => undefined)
    client.on('close', () => open.delete(client))
    client.on('authentication', (context) =>
      context.method === 'none' ? context.reject(['publickey']) : context.accept(),
    )
    // without a listener ssh2 refuses sessions
    if (forbidsSessions) return
    client.on('session', (accept) => {
      const session = accept()
      session.on('exec', (granted, _refused, { command }) => {
        commands.push(command)
        const channel = granted()
        let script = ''
        channel.on('data', (bytes: Buffer) => {
          script += bytes.toString()
        })
        channel.on('error', () => undefined)
        const write = channel.write.bind(channel)
        channel.write = ((bytes: Buffer | string, ...rest: never[]) => {
          sent += bytes.length
          return write(bytes, ...rest)
        }) as typeof channel.write
        Promise.resolve(answer(channel, { script: () => script })).catch(() => undefined)
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    commands,
    sent: () => sent,
    target: (name = 'maia', user = 'root') => ({
      name,
      address: { user, host: '127.0.0.1', port },
      hostKey: hostKey.public.split(' ').slice(0, 2).join(' ') as SshPublicKey,
    }),
    async [Symbol.asyncDispose]() {
      for (const client of open) client.end()
      // the server of ssh2 keeps the sockets of clients that do not answer
      for (const client of open) (client as unknown as { _sock?: Socket })._sock?.destroy()
      server.close()
    },
  }
}

const ready = 'keel:ready\n'

/** Writes `chunk` again and again as long as keel reads, or up to `most` bytes. */
async function pour(
  stream: NodeJS.WritableStream,
  channel: ServerChannel,
  chunk: Buffer,
  most = Infinity,
): Promise<void> {
  const closed = once(channel, 'close').then(() => true)
  for (let size = 0; size < most; size += chunk.length) {
    const taken = stream.write(chunk)
      ? new Promise<void>((resolve) => void setImmediate(resolve))
      : once(stream, 'drain')
    if ((await Promise.race([taken, closed])) === true) return
  }
}

async function byteByByte(channel: ServerChannel, text: string, everyMs: number): Promise<void> {
  for (let at = 0; !channel.destroyed; at = (at + 1) % text.length) {
    channel.write(text.slice(at, at + 1))
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** Ends a run like a shell. */
export function ending(channel: ServerChannel, exitCode = 0): void {
  channel.exit(exitCode)
  channel.end()
}

/** Answers every command with this. @param isReady root's bash came up. */
export function says(stdout: string, { stderr = '', exitCode = 0, isReady = true } = {}): Answer {
  return (channel) => {
    channel.stderr.write(stderr)
    channel.write(`${isReady ? ready : ''}${stdout}`)
    ending(channel, exitCode)
  }
}

const block = Buffer.alloc(32_768, 'x')

/** Hosts that keel must survive, named after their answers. */
export const hostile = {
  flood: (channel) => {
    channel.write(ready)
    return pour(channel, channel, block)
  },
  flooderr: (channel) => {
    channel.write(ready)
    return pour(channel.stderr, channel, block)
  },
  newlines: (channel) => {
    channel.write(ready)
    return pour(channel, channel, Buffer.alloc(32_768, '\n'))
  },
  loris: (channel) => {
    channel.write(ready)
    return byteByByte(channel, 'a\n', 5)
  },
  lorispre: (channel) => byteByByte(channel, 'a', 5),
  noise: (channel) => pour(channel, channel, block),
  noisyerr: (channel) => pour(channel.stderr, channel, block),
  /** Sends more than a string can contain, and then the exit status of a successful script. */
  big: async (channel) => {
    channel.write(ready)
    await pour(channel, channel, block, 560_000_000)
    ending(channel)
  },
  garbage: (channel) => {
    channel.write(ready)
    channel.write(Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256)))
    ending(channel)
  },
  nothing: (channel) => {
    channel.write(ready)
    ending(channel)
  },
  /** Sends more after the end of its streams, against RFC 4254. */
  afterend: (channel) => {
    channel.write(ready)
    const client = channel as unknown as {
      _client: { _protocol: { channelEOF(id: number): void } }
      outgoing: { id: number }
    }
    client._client._protocol.channelEOF(client.outgoing.id)
    channel.stderr.write('more')
    channel.write('more')
  },
} satisfies Readonly<Record<string, Answer>>
