import { parseArgs } from 'node:util'
import { describeFault, ExitCode, KeelError } from '../errors.ts'
import { agentConfigSchema } from '../model/keel-agent/agent-config.ts'
import { ended } from './ended.ts'
import { eventRing } from './events/event-ring.ts'
import type { LastLook } from './events/last-look.ts'
import { watchHost } from './events/watch-host.ts'
import { helperAt } from './helper/helper.ts'
import { hostName } from './host-name.ts'
import { keptIdentity } from './identity/kept-identity.ts'
import { logTo } from './log.ts'
import { keepRenewed } from './operational/keep-renewed.ts'
import { readConfiguration } from './read-configuration.ts'
import { routes } from './routes/index.ts'
import { serve } from './server/serve.ts'

/** Milliseconds between two looks at the certificates, so that one that somebody renewed is served without a restart. */
const LOOK_AGAIN = 2_000

/** Where a Pod has its account (kubernetes.io/docs/tasks/run-application/access-api-from-pod). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

interface Environment {
  readonly NODE_NAME?: string | undefined
  readonly KUBECONFIG?: string | undefined
}

/**
 * Serves until it is told to end (SIGTERM, SIGINT).
 * @returns the exit code: 0; 1 where it cannot serve; 2 for a wrong command line or configuration
 */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  try {
    const [command, ...rest] = args
    if (command === 'approve') {
      const { approve } = await import('./approver/approve.ts')
      await approve(configOf(rest), env)
      return ExitCode.Done
    }
    const configuration = await readConfiguration(configOf(args), agentConfigSchema)
    const name = hostName(env.NODE_NAME)
    const log = logTo(process.stderr, configuration.log.level)
    const identity = await keptIdentity(configuration, log)
    const helper = helperAt(configuration.helper)
    const events = eventRing()
    const look: LastLook = {}
    const places = {
      ...(env.KUBECONFIG === undefined ? {} : { environment: env.KUBECONFIG }),
      kubeconfig: configuration.kubernetes.kubeconfig,
      serviceAccount: SERVICE_ACCOUNT,
    }
    let problem: string | undefined
    const serving = await serve({
      identity,
      routes: routes({ name, identity, helper, places, events, look, problem: () => problem }),
      port: configuration.listen.port,
      log,
    })
    events.add({ kind: 'agent-started', about: name, message: 'the keel-agent was started' })
    const timer = setInterval(() => void identity.look().then(serving.renew), LOOK_AGAIN)
    const ending = new AbortController()
    const { signal } = ending
    const tell = (found: string | undefined) => {
      problem = found
    }
    const working = Promise.race([
      keepRenewed({ name, configuration, places, identity, log, signal, tell }),
      watchHost({ name, helper, identity, events, look, log, signal }),
    ])
    await Promise.race([ended(), working])
    ending.abort()
    clearInterval(timer)
    await Promise.all([serving.close(), working.catch(() => undefined)])
    return ExitCode.Done
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    process.stderr.write(`${describeFault(error)}\n`)
    return error.exit
  }
}

function configOf(args: readonly string[]): string {
  try {
    const { config } = parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values
    if (config !== undefined) return config
  } catch {
    // the same answer for whatever is wrong with it
  }
  throw new KeelError({
    code: 'agent-usage',
    found: 'a command line that the keel-agent does not know',
    todo: 'start it as `keel-agent --config FILE`, or as `keel-agent approve --config FILE`, as its units do',
    exit: ExitCode.Usage,
  })
}
