import type { HostState } from '../../desired/host-state.ts'
import { agentService } from '../../parts/keel-agent/agent-service.ts'
import { etcSource } from '../../templates/nix-etc.ts'
import { type NixValue, nixCode } from '../../templates/nix-text.ts'

/**
 * The system that was activated last, whose units run. The profile is still the system before while a deploy tries a
 * new one.
 */
const currentSystem = '/run/current-system'
/** What a NixOS host has in `environment.systemPackages`. */
const programInstalled = `${currentSystem}/sw/bin/keel-agent`

/** The keel-agent's service for `systemd.services`; its files are in `environment.etc`. */
export function agentServices({ parts: { keelAgent } }: HostState): Readonly<Record<string, NixValue>> {
  if (keelAgent === undefined) return {}
  const { description, after, unit, environment, service } = agentService(keelAgent, keelAgent.program ?? programInstalled, [
    currentSystem,
  ])
  return {
    'keel-agent': {
      description,
      wantedBy: ['multi-user.target'],
      after,
      environment,
      unitConfig: unit,
      // the program's own path stays the same when the program changes
      restartTriggers: [...keelAgent.files.map(({ path }) => etcSource(path)), nixCode('config.system.path')],
      serviceConfig: service,
    },
  }
}
