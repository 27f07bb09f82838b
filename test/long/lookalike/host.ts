import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import type { LabOf } from '../../../src/lab/description.ts'
import { labPaths } from '../../../src/lab/state.ts'
import { until } from '../../support/until.ts'

type Options = Readonly<Record<string, unknown>>

/** What a command left: its exit status, and stdout and stderr as they came. */
interface Ran {
  readonly code: number
  readonly out: string
  readonly seconds: number
}

export interface Host {
  readonly name: string
  readonly ip: string
  /** A bash script as root; its exit status is the caller's to judge. */
  run(script: string): Promise<Ran>
  /** A bash script that must succeed; what it printed. */
  ok(script: string): Promise<string>
  write(path: string, content: string | Uint8Array, mode?: string): Promise<void>
  /** config.yaml: the lab's own options under the given ones. JSON is YAML. */
  config(kind: Kind, options: Options, path?: string): Promise<void>
  /** `systemctl start`, which returns at READY=1; seconds. */
  start(kind?: Kind): Promise<number>
  /** Stops k3s and deletes what it knew; what the next start of a reinstalled machine finds. */
  wipe(): Promise<void>
}
type Kind = 'server' | 'agent'

const unitOf = { server: 'k3s', agent: 'k3s-agent' } as const
const config = '/etc/rancher/k3s/config.yaml'

/**
 * A unit as keel's own: READY is waited for, late failures exit 0 and must be restarted. KillMode: Pods outlive a
 * restart.
 */
const unit = (kind: Kind) => `[Unit]
After=network-online.target containerd.service
[Service]
Type=notify
ExecStart=/usr/local/bin/k3s ${kind}
Restart=always
RestartSec=5s
TimeoutStartSec=0
LimitNOFILE=20000
TasksMax=infinity
Delegate=yes
KillMode=process
`

/** A host of the lab with k3s and its units on it, not started. */
export async function prepareHost(lab: LabOf<'k3s'>, name: string, sockets: string): Promise<Host> {
  const found = lab.hosts.find((host) => host.name === name)
  if (found === undefined) throw new Error(`no host ${name}`)
  const host = remoteHost(lab, found, sockets)
  await host.write('/usr/local/bin/k3s', await readFile(lab.k3s.path), '0755')
  for (const kind of ['server', 'agent'] as const)
    await host.write(`/etc/systemd/system/${unitOf[kind]}.service`, unit(kind), '0644')
  await host.ok('mkdir -p /etc/rancher/k3s && systemctl daemon-reload')
  return host
}

function remoteHost(lab: LabOf<'k3s'>, { name, nodeIP }: LabOf<'k3s'>['hosts'][number], sockets: string): Host {
  const options = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR'],
    ...['ControlMaster=auto', 'ControlPersist=60', `ControlPath=${sockets}/%h`],
    `UserKnownHostsFile=${labPaths(process.env, lab.name).knownHosts}`,
  ].flatMap((option) => ['-o', option])
  const ssh = ['-F', 'none', '-i', lab.identity, ...options, `root@${nodeIP}`, '--']
  const run = async (script: string): Promise<Ran> => {
    const started = performance.now()
    const ended = await execa('ssh', [...ssh, 'bash', '-s'], { input: script, reject: false, all: true })
    return { code: ended.exitCode ?? 255, out: ended.all, seconds: (performance.now() - started) / 1000 }
  }
  const ok = async (script: string) => {
    const { stdout } = await execa('ssh', [...ssh, 'bash', '-s'], { input: script })
    return stdout.trim()
  }
  const write = async (path: string, content: string | Uint8Array, mode = '0600') => {
    // in one step: a running program may not be written to
    const to = `mkdir -p $(dirname ${path}) && cat > ${path}.new && chmod ${mode} ${path}.new && mv ${path}.new ${path}`
    await execa('ssh', [...ssh, to], { input: content })
  }
  return {
    name,
    ip: nodeIP,
    run,
    ok,
    write,
    config: (kind, given, path = config) => write(path, JSON.stringify({ ...lab.k3sOptions[kind], ...given }, null, 2)),
    async start(kind = 'server') {
      const { code, out, seconds } = await run(`systemctl reset-failed; timeout 90 systemctl start ${unitOf[kind]}`)
      if (code === 0) return seconds
      throw new Error(`${name}: ${out}\n${await ok(`journalctl -u ${unitOf[kind]} -n 15 -o cat --no-pager`)}`)
    },
    async wipe() {
      await ok('systemctl stop k3s k3s-agent; rm -rf /var/lib/rancher/k3s /etc/rancher/k3s/config.yaml*')
    },
  }
}

/** Waits until `condition` gives something, and returns it. */
export const within = <Found>(seconds: number, condition: () => Promise<Found | undefined | false>): Promise<Found> =>
  until(`${condition}`, condition, seconds, 200)
