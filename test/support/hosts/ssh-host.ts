import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SshPublicKey } from '../../../src/model/brands.ts'
import type { SshTarget } from '../../../src/ssh/transport.ts'

/** What a real sshd on loopback needs, each with its Debian package. A test never skips because one is missing. */
const programs = {
  sshd: ['/usr/sbin/sshd', 'openssh-server'],
  sshKeygen: ['/usr/bin/ssh-keygen', 'openssh-client'],
  sshAgent: ['/usr/bin/ssh-agent', 'openssh-client'],
  sudo: ['/usr/bin/sudo', 'sudo'],
  unshare: ['/usr/bin/unshare', 'util-linux'],
  strace: ['/usr/bin/strace', 'strace'],
  openssl: ['/usr/bin/openssl', 'openssl'],
} as const

/** Users of the host besides root, each with its lines in sudoers. All log in with the same key. */
export const sudoers = {
  free: 'free ALL=(ALL) NOPASSWD: ALL',
  asked: 'asked ALL=(ALL) ALL',
  caching: 'Defaults:caching timestamp_type=global\ncaching ALL=(ALL) ALL',
  tty: 'Defaults:tty requiretty\ntty ALL=(ALL) NOPASSWD: ALL',
  stranger: '',
  /** sudo passes on the whole environment. */
  keeping: 'Defaults:keeping !env_reset\nkeeping ALL=(ALL) NOPASSWD: ALL',
} as const

export interface SshHost {
  readonly directory: string
  readonly port: number
  readonly pid: number
  readonly password: string
  /** Path of the private key that every user accepts. */
  readonly userKey: string
  target(options?: Partial<{ user: string; host: string; port: number; hostKey: SshPublicKey }>): SshTarget
  hostKey(type: 'ed25519' | 'rsa'): SshPublicKey
  log(): string
  stop(): Promise<void>
}

export interface HostOptions {
  /** The types of host keys that it shows. It has both. */
  readonly hostKeys?: readonly ('ed25519' | 'rsa')[]
  /** DEBUG1 logs each login attempt, and also writes to the stderr of every session. */
  readonly logLevel?: 'VERBOSE' | 'DEBUG1'
  /**
   * Lines at the start of its sshd_config, because for most options the first line wins. `matches` is for Match blocks.
   */
  readonly config?: readonly string[]
  readonly matches?: readonly string[]
  readonly withoutSudo?: boolean
  /** What PAM adds to the environment of sudo, like /etc/environment. */
  readonly sudoEnvironment?: Readonly<Record<string, string>>
}

/**
 * OpenSSH's sshd in a mount namespace, with its own users, sudoers, PAM and home of root. The files of the machine do
 * not change.
 * @throws Error that names what to install, or that root is needed
 */
export async function startSshHost(options: HostOptions = {}): Promise<SshHost> {
  const {
    hostKeys = ['ed25519', 'rsa'],
    logLevel = 'VERBOSE',
    config = [],
    matches = [],
    withoutSudo = false,
  } = options
  const missing = Object.values(programs).filter(([path]) => !existsSync(path))
  if (missing.length > 0) throw new Error(`install ${[...new Set(missing.map(([, name]) => name))].join(' ')}`)
  if (process.getuid?.() !== 0) throw new Error('run as root: sshd and sudo need their own mount namespace and users')

  const directory = mkdtempSync(join(tmpdir(), 'keel-ssh-'))
  const at = (name: string) => join(directory, name)
  chmodSync(directory, 0o755)
  const password = `pw ${Math.random().toString(36).slice(2)} 'ü`
  makeUsers(directory, password, options.sudoEnvironment ?? {})
  if (withoutSudo) linkPrograms(at('programs'))
  for (const type of ['ed25519', 'rsa'] as const) makeKey(at(`host_${type}`), type)
  makeKey(at('user'), 'ed25519')
  writeFileSync(at('authorized_keys'), readFileSync(at('user.pub')))
  const port = await freePort()
  writeFileSync(
    at('sshd_config'),
    `${config.map((line) => `${line}\n`).join('')}Port ${port}
ListenAddress 127.0.0.1
ListenAddress ::1
${hostKeys.map((type) => `HostKey ${at(`host_${type}`)}`).join('\n')}
AuthorizedKeysFile ${at('authorized_keys')}
StrictModes no
UsePAM no
PermitRootLogin yes
${config.some((line) => line.startsWith('MaxStartups')) ? '' : 'MaxStartups 100\n'}PidFile none
LogLevel ${logLevel}
${matches.join('\n')}
`,
  )
  const daemon = spawn(
    programs.unshare[0],
    [
      '--mount',
      '--propagation',
      'private',
      'bash',
      '-ec',
      `mount -t tmpfs tmpfs /run; mkdir -p /run/sshd
for file in passwd group shadow sudoers pam.d/sudo; do mount --bind "$0/etc/$file" "/etc/$file"; done
mount --bind "$0/home/root" /root
${withoutSudo ? 'mkdir /run/programs; mount --bind /usr/bin /run/programs; mount --bind "$0/programs" /usr/bin' : ''}
exec ${programs.sshd[0]} -D -e -f "$0/sshd_config" 2>"$0/sshd.log"`,
      directory,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  await listening(port, daemon, () => readLog(at('sshd.log')))
  return {
    directory,
    port,
    pid: daemon.pid ?? 0,
    password,
    userKey: at('user'),
    hostKey: (type) => publicKey(at(`host_${type}`)),
    target: ({
      user = 'root',
      host = '127.0.0.1',
      port: other = port,
      hostKey = publicKey(at('host_ed25519')),
    } = {}) => ({
      name: 'maia',
      address: { user, host, port: other },
      hostKey,
    }),
    log: () => readLog(at('sshd.log')),
    async stop() {
      const ended = once(daemon, 'exit')
      if (daemon.exitCode === null && daemon.signalCode === null) {
        daemon.kill('SIGKILL')
        await ended
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Creates an OpenSSH key pair: the private half at `path`, the public half beside it. */
export function makeKey(path: string, type: 'ed25519' | 'rsa', passphrase = ''): void {
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync(programs.sshKeygen[0], [
    '-q',
    '-t',
    type,
    ...bits,
    '-N',
    passphrase,
    '-C',
    `${type} of a test`,
    '-f',
    path,
  ])
}

export function publicKey(path: string): SshPublicKey {
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ') as SshPublicKey
}

/** /usr/bin as links into /run/programs, without sudo. */
function linkPrograms(folder: string): void {
  mkdirSync(folder)
  for (const name of readdirSync('/usr/bin'))
    if (name !== 'sudo') symlinkSync(`/run/programs/${name}`, join(folder, name))
}

function makeUsers(directory: string, password: string, sudoEnvironment: Readonly<Record<string, string>>): void {
  const etc = join(directory, 'etc')
  mkdirSync(join(etc, 'pam.d'), { recursive: true })
  mkdirSync(join(directory, 'home/root'), { recursive: true })
  const hash = execFileSync(programs.openssl[0], ['passwd', '-6', '-stdin'], { input: password }).toString().trim()
  const users = Object.keys(sudoers)
  const home = (user: string) => join(directory, 'home', user)
  for (const [index, user] of users.entries()) {
    mkdirSync(home(user))
    chownSync(home(user), 7001 + index, 7001 + index)
  }
  // a shell that prints text before it runs its command
  writeFileSync(join(home('free'), '.bashrc'), 'echo welcome\n')
  const sshd = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('sshd:'))
  const passwd = users.map((user, index) => `${user}:x:${7001 + index}:${7001 + index}::${home(user)}:/bin/bash`)
  writeFileSync(join(etc, 'passwd'), `${['root:x:0:0:root:/root:/bin/bash', sshd, ...passwd].join('\n')}\n`)
  writeFileSync(
    join(etc, 'group'),
    `root:x:0:\nnogroup:x:65534:\n${users.map((user, index) => `${user}:x:${7001 + index}:`).join('\n')}\n`,
  )
  writeFileSync(
    join(etc, 'shadow'),
    `root:*:19000:0:99999:7:::\n${users.map((user) => `${user}:${hash}:19000:0:99999:7:::`).join('\n')}\n`,
    {
      mode: 0o600,
    },
  )
  const secure = 'Defaults env_reset, use_pty, secure_path="/usr/sbin:/usr/bin:/sbin:/bin"'
  writeFileSync(join(etc, 'sudoers'), `${secure}\nroot ALL=(ALL:ALL) ALL\n${Object.values(sudoers).join('\n')}\n`, {
    mode: 0o440,
  })
  const variables = Object.entries(sudoEnvironment).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(etc, 'environment'), variables.join(''))
  // nodelay: a wrong password costs no delay of two seconds
  writeFileSync(
    join(etc, 'pam.d/sudo'),
    'auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n' +
      `session required pam_env.so conffile=/dev/null envfile=${join(etc, 'environment')}\n`,
  )
}

function readLog(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function listening(port: number, daemon: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (daemon.exitCode !== null) throw new Error(`sshd ended:\n${log()}`)
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`sshd does not listen:\n${log()}`)
}
