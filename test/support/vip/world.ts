import { execa } from 'execa'
import { until } from '../until.ts'

/** The namespaces of a host, without a host: a network, processes, and its own /run. */
export interface World {
  readonly pid: string
  /** Runs a bash script inside. @returns its stdout */
  sh(script: string, env?: Readonly<Record<string, string>>): Promise<string>
  /** Ends every process in it. */
  end(): void
}

export async function openWorld(): Promise<World> {
  const forever = 'mount -t tmpfs none /run; exec sleep 300'
  const flags = ['--net', '--mount', '--fork', '--kill-child', '--pid', '--mount-proc']
  const outer = execa('unshare', [...flags, 'sh', '-c', forever], { reject: false })
  let pid = ''
  await until('the namespaces are there', async () => {
    pid = (await execa('pgrep', ['-P', `${outer.pid}`], { reject: false })).stdout
    const seen = await execa('nsenter', ['--all', '--target', pid, 'findmnt', '/run'], { reject: false })
    return pid !== '' && seen.stdout.includes('tmpfs')
  })
  return {
    pid,
    sh: async (script, env = {}) =>
      (await execa('nsenter', ['--all', '--target', pid, 'bash', '-euc', script], { env })).stdout,
    end: () => void outer.kill('SIGKILL'),
  }
}
