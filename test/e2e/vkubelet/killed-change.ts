import { expect, onTestFinished } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { deployUntil } from '../../support/lab/deploy-until.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

const change = ['agent-1', '--drain', '--yes'] as const
const cordon = '{.spec.unschedulable}{.metadata.annotations.keel\\.internal/cordoned-by}'

/** A `keel deploy --drain` of agent-1 that is killed, and what is left then. */
export function killedChange(of: () => LabCluster) {
  const agent = () => of().host('agent-1')
  /** Empty where Pods may come to the Node. Some time after a cordon it is `false`. */
  const cordoned = async () =>
    (await of().kubectl('get', 'node', 'agent-1', '-o', `jsonpath=${cordon}`)).replace(/^false$/, '')

  return {
    cordoned,

    /** Killed as soon as the Node is cordoned, and more is so. */
    async afterCordon(what = 'that is all', isSo = async () => true): Promise<void> {
      const { child, ended } = of().keel.start(['deploy', ...change])
      await until(
        `the Node is cordoned, and ${what}`,
        async () => (await cordoned()).startsWith('true') && (await isSo()),
      )
      child.kill('SIGKILL')
      expect((await ended).exitCode).toBe(137)
    },

    /** Killed once this has happened on agent-1, and what it had begun on a host has come to its end. */
    async after(moment: (events: readonly Event[]) => boolean): Promise<void> {
      expect((await deployUntil(of().keel, moment, 'SIGKILL', ...change)).exitCode).toBe(137)
      await agent().sh('flock --wait 120 /var/lib/keel/lock true')
    },

    /** Without `--drain` a deploy changes nothing, and says what to do. */
    async isRefused(): Promise<void> {
      const { exitCode, stderr } = await of().keel.run('deploy', 'agent-1', '--yes')
      expect(exitCode).toBe(1)
      expect(stderr).toContain('run `keel deploy agent-1 --drain`')
    },

    /** From now on to the end of the test, the two kinds of kubelet never run at once. */
    async neverBoth(): Promise<void> {
      const unit = 'never-both'
      await agent().sh(`systemd-run --quiet --collect --unit=${unit} bash -c 'while sleep 0.2; do
  ! { systemctl is-active --quiet k3s-agent && systemctl is-active --quiet keel-vkubelet; } || touch /run/both
done'`)
      onTestFinished(async () => {
        expect(await agent().sh(`systemctl stop ${unit}; ls /run/both 2>/dev/null || true`)).toBe('')
      })
    },
  }
}

/** The moment at which this has been done for agent-1. */
export const done = (op: string) => (events: readonly Event[]) =>
  events.some((event) => event.event === 'operation' && event.host === 'agent-1' && event.operation.op === op)
