import type { HostState } from '../../desired/host-state.ts'
import type { NixValue } from '../../templates/nix-text.ts'
import { agentService } from '../keel-agent/agent-service.ts'
import { etcSource } from './etc.ts'

/** What a NixOS host has in `environment.systemPackages`, by a path outside of /run, which the service has for itself. */
const programInstalled = '/nix/var/nix/profiles/system/sw/bin/keel-agent'

/** The keel-agent's service for `systemd.services`; its files are in `environment.etc`. */
export function agentServices({ keelAgent }: HostState): Readonly<Record<string, NixValue>> {
  if (keelAgent === undefined) return {}
  const { description, after, unit, environment, service } = agentService(keelAgent, keelAgent.program ?? programInstalled)
  return {
    'keel-agent': {
      description,
      wantedBy: ['multi-user.target'],
      after,
      environment,
      unitConfig: unit,
      restartTriggers: keelAgent.files.map(({ path }) => etcSource(path)),
      serviceConfig: service,
    },
  }
}

/** Folders of the agent's own get their mode at each switch; those that others make later only where they are missing (tmpfiles.d(5), "Mode"). */
export function agentFolders({ keelAgent }: HostState): { readonly tmpfiles?: NixValue } {
  if (keelAgent === undefined) return {}
  const { state, hiddenFolders } = keelAgent
  return {
    tmpfiles: {
      rules: [
        `d ${state.path} ${state.mode} root root -`,
        ...hiddenFolders.map(({ path, mode }) => `d ${path} :${mode} root root -`),
      ],
    },
  }
}
