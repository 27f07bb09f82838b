import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { SshPublicKey } from '../../../src/model/brands.ts'
import type { RunResult, Transport } from '../../../src/ssh/transport.ts'

/** A local user of the host, besides root. */
export const MALLORY = 7100

export interface SandboxedHost {
  /** Runs keel's scripts in it, as root. */
  readonly transport: Transport
  /** Runs bash in it. @throws ExecaError if it fails */
  sh(script: string, uid?: number): Promise<string>
  stop(): Promise<void>
}

/** Programs that replace those of systemd in a deploy: credentials are base64 here, and no unit runs. */
const programs = {
  'systemd-creds': `#!/bin/bash
set -euo pipefail
for name; do case $name in --name=*) name=\${name#--name=}; break;; esac; done
case $1 in
  encrypt) { printf '%s\\n' "$name"; base64; } > "\${@: -1}" ;;
  decrypt) file=\${@: -2:1}; [ "$(head -n 1 "$file")" = "$name" ] && tail -n +2 "$file" | base64 -d ;;
esac
`,
  systemctl: `#!/bin/bash
case $* in
  --version) echo systemd 252 ;;
  show*)
    # a state a question, where a test has said so; the last one stays
    { read -r active < /run/active; } 2>/dev/null || active=active
    [ ! -f /run/active ] || [ "$(wc -l < /run/active)" -eq 1 ] || sed -i 1d /run/active
    printf 'ActiveState=%s\\nUnitFileState=enabled\\nNeedDaemonReload=no\\n' "$active" ;;
  *) echo "$*" >> /run/orders ;;
esac
`,
  nft: '#!/bin/bash\nexit 0\n',
  // it reads one line and no more, because what follows is keel's next answer
  k3s: '#!/bin/bash\nexit 1\n',
}

/**
 * This machine in a mount namespace, with its own folders at the places where keel writes. The scripts, bash and
 * coreutils are the real ones, and there is a second user.
 * @param mounts bash that changes the mounts, run before anything else
 * @throws Error if this is not root
 */
export async function startSandboxedHost(mounts = ''): Promise<SandboxedHost> {
  if (process.getuid?.() !== 0) throw new Error('run as root: a mount namespace and a second user are needed')
  const directory = mkdtempSync(join(tmpdir(), 'keel-sandbox-'))
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(directory, name), text, { mode: 0o755 })
  const setUp = `mkdir -p /var/lib/keel /usr/local/lib/keel
for place in /var/lib /usr/local /home /opt /run /srv; do mount -t tmpfs -o mode=755 tmpfs "$place"; done
mkdir /run/upper /run/work /usr/local/bin; mount -t overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work overlay /etc
cp "$0"/* /usr/local/bin
echo 'mallory:x:${MALLORY}:${MALLORY}::/home/mallory:/bin/bash' >> /etc/passwd; echo 'mallory:x:${MALLORY}:' >> /etc/group
install -d -o ${MALLORY} -g ${MALLORY} /home/mallory
${mounts}
echo ready; exec cat`
  const keeper = spawn('unshare', ['--mount', '--propagation', 'private', 'bash', '-euc', setUp, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await Promise.race([
    once(keeper.stdout, 'data'),
    once(keeper, 'exit').then(() => Promise.reject(new Error('no sandbox'))),
  ])
  const enter = ['--mount', `--target=${keeper.pid}`, '--wdns=/']
  const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C' }
  let scripts = 0
  const run: Transport['run'] = async (script, { input } = {}): Promise<RunResult> => {
    const file = join(directory, `script-${scripts++}`)
    writeFileSync(file, script)
    const child = execa('nsenter', [...enter, 'bash', file], {
      env,
      extendEnv: false,
      reject: false,
      input: await bytes(input),
    })
    const { exitCode = 255, stdout, stderr } = await child
    return { exitCode, stdout, stderr }
  }
  return {
    transport: {
      target: {
        name: 'maia',
        address: { user: 'root', host: 'maia.example', port: 22 },
        hostKey: 'ssh-ed25519 AAAA' as SshPublicKey,
      },
      run,
      close: async () => {},
    },
    sh: async (script, uid = 0) => {
      const as = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
      return (
        await execa('nsenter', [...enter, ...as, 'bash', '--norc', '-euo', 'pipefail', '-c', script], {
          env,
          extendEnv: false,
        })
      ).stdout
    },
    stop: async () => {
      const ended = once(keeper, 'exit')
      keeper.stdin.end()
      await ended
      rmSync(directory, { recursive: true })
    },
  }
}

async function bytes(input: Uint8Array | AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  if (input === undefined || input instanceof Uint8Array) return input ?? new Uint8Array()
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return Buffer.concat(chunks)
}
