import { sha256 } from '../../../src/model/digest.ts'
import { type InOrder, inOrder, type Service } from '../../../src/model/distribution/service.ts'
import { fileBytes } from '../../../src/model/file-bytes.ts'
import type { FirewallState } from '../../../src/parts/firewall/firewall-state.ts'
import type { AgentState } from '../../../src/parts/keel-agent/agent-state.ts'
import type { UnitState } from '../../../src/parts/unit-state.ts'
import type { Sources } from '../../../src/plan/host/plan-host.ts'
import { ofKind } from '../../../src/plan/of-kind.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import type { Facts, FilesFacts, ServiceState, SystemFacts } from '../../../src/probes/facts.ts'
import type { PathState } from '../../../src/probes/host/path-states.ts'
import type { FilesRendered, Rendered } from '../../../src/targets/rendered.ts'
import { firstPairOf } from '../keel-agent/first-pair.ts'

type Units = InOrder<Pick<Service, 'unit'>>

/** A Debian machine on which keel and k3s have never run. */
export function emptyFacts(host: Rendered['host'], services: Units = [{ unit: 'k3s.service' }]): FilesFacts {
  return {
    kind: 'files',
    host,
    system: { id: 'debian', machine: 'x86_64', systemd: 252, missing: [] },
    paths: {},
    credentials: {},
    services: inOrder(services, ({ unit }) => ({
      unit,
      active: 'inactive',
      enabled: '',
      needsReload: false,
      dropIns: [],
    })),
    past: { server: false, agent: false },
    run: { programIsNewer: false, configured: {} },
    generation: { owned: [], restartPending: false, unconfirmed: false },
    parts: {
      firewall: {
        nft: true,
        table: 'none',
        unit: { active: 'inactive', enabled: '', needsReload: false },
        addresses: [],
      },
      keepalived: {
        missing: [],
        interface: 'eth0',
        holds: false,
        fit: false,
        reason: '',
        loaded: false,
        changes: [],
        manager: { active: 'inactive', enabled: '', needsReload: false },
        health: { active: 'inactive', enabled: '', needsReload: false },
      },
      keelAgent: { active: 'inactive', enabled: '', needsReload: false, program: false },
      keelApprover: {
        program: false,
        approver: { active: 'inactive', enabled: '', needsReload: false },
        token: { active: 'inactive', enabled: '', needsReload: false },
      },
    },
    digest: '',
  }
}

/** A NixOS machine on which keel and k3s have never run. */
export function emptySystemFacts(host: Rendered['host'], services?: Units): SystemFacts {
  const { paths: _, credentials: __, ...facts } = emptyFacts(host, services)
  return {
    ...facts,
    kind: 'system',
    system: { ...facts.system, id: 'nixos' },
    nixos: { current: '', boot: '', channels: '' },
  }
}

/** The same host with another state of its services. */
export function withServices<Seen extends Facts>(facts: Seen, change: Partial<Omit<ServiceState, 'unit'>>): Seen {
  return { ...facts, services: inOrder(facts.services, (state) => ({ ...state, ...change })) }
}

function withService(facts: Facts, unit: string, change: Partial<ServiceState>): Facts {
  const services = inOrder(facts.services, (state) => (state.unit === unit ? { ...state, ...change } : state))
  return { ...facts, services }
}

/**
 * The state of a host after a list of operations, in the model with which a plan compares. This is what a deploy
 * promises.
 */
export function applyOperations(
  wanted: Rendered,
  facts: FilesFacts,
  sources: Sources,
  operations: readonly Operation[],
): FilesFacts
export function applyOperations(
  wanted: Rendered,
  facts: SystemFacts,
  sources: Sources,
  operations: readonly Operation[],
): SystemFacts
export function applyOperations(
  wanted: Rendered,
  facts: Facts,
  sources: Sources,
  operations: readonly Operation[],
): Facts {
  return operations.reduce<Facts>((seen, operation) => applyOperation(wanted, seen, sources, operation), facts)
}

function applyOperation(wanted: Rendered, facts: Facts, sources: Sources, operation: Operation): Facts {
  const at = (path: string, state: PathState): Facts => {
    const seen = ofKind(facts, 'files')
    return { ...seen, paths: { ...seen.paths, [path]: state } }
  }
  switch (operation.op) {
    case 'push-artifact': {
      const artifact = ofKind(wanted, 'files').artifacts.find(({ path }) => path === operation.path)
      return at(operation.path, file(artifact?.mode ?? '', artifact?.sha256 ?? ''))
    }
    case 'make-directory':
      return at(operation.path, { kind: 'directory', mode: operation.mode })
    case 'write-file': {
      const file = ofKind(wanted, 'files').files.find(({ path }) => path === operation.path)
      if (file === undefined) throw new Error(`no such file: ${operation.path}`)
      return at(operation.path, {
        kind: 'file',
        mode: file.mode,
        owner: file.owner,
        group: file.group,
        sha256: sha256(fileBytes(file)),
      })
    }
    case 'set-link':
      return at(operation.path, { kind: 'link', target: operation.target })
    case 'remove-path':
    case 'remove-directory':
    case 'remove-unit': {
      const removed = operation.op === 'remove-directory' ? `${operation.path}/` : operation.path
      return {
        ...at(operation.path, { kind: 'none' }),
        generation: { ...facts.generation, owned: facts.generation.owned.filter((path) => path !== removed) },
      }
    }
    case 'store-credential': {
      const seen = ofKind(facts, 'files')
      const source = ofKind(sources, 'files').credentials[operation.id] ?? ''
      return { ...seen, credentials: { ...seen.credentials, [operation.id]: { kind: 'intact', source } } }
    }
    case 'switch-system': {
      const { tree } = ofKind(sources, 'system')
      const system = `/nix/store/system-of-${tree}`
      const record = { sources: tree, system, module: ofKind(wanted, 'system').module }
      const running = { active: 'active' }
      return withVip(
        {
          ...withServices(ofKind(facts, 'system'), running),
          nixos: { record, current: system, boot: system, channels: '' },
        },
        { loaded: true, manager: running, health: running },
      )
    }
    case 'certify': {
      const first = wanted.parts.keelAgent?.first
      return first === undefined ? facts : withAgent(facts, { first: firstPairOf(first) })
    }
    case 'place-ca':
    case 'drain-node':
    case 'leave-kubelet':
    case 'forget-node':
    case 'let-in':
    case 'admit-node':
    case 'label-node':
    case 'uncordon-node':
      return facts
    case 'merge-extensions': {
      const seen = ofKind(facts, 'files')
      const merged = ofKind(wanted, 'files').extensions.map(({ program: { path, sha256 } }) => [
        path,
        file('0755', sha256),
      ])
      return { ...seen, paths: { ...seen.paths, ...Object.fromEntries(merged) } }
    }
    case 'unmerge-extensions':
    case 'restart-reader':
      return facts
    case 'reload-systemd':
      return withVip(
        withFirewallUnit(
          withApprover(withAgent(withServices(facts, { needsReload: false }), { needsReload: false }), {
            approver: { needsReload: false },
            token: { needsReload: false },
          }),
          { needsReload: false },
        ),
        { manager: { needsReload: false }, health: { needsReload: false } },
      )
    case 'load-firewall':
      return withFirewall(facts, { table: 'loaded' })
    case 'run-unit':
      if (operation.unit === wanted.parts.keelAgent?.unit) return withAgent(facts, { active: 'active' })
      if (operation.unit === wanted.parts.keelApprover?.approver.unit)
        return withApprover(facts, { approver: { active: 'active' } })
      if (operation.unit === wanted.parts.keelApprover?.token.unit)
        return withApprover(facts, { token: { active: 'active' } })
      if (operation.unit === wanted.parts.keepalived?.health) return withVip(facts, { health: { active: 'active' } })
      return withVip(facts, { loaded: true, manager: { active: 'active' } })
    case 'enable-unit':
      if (operation.unit === wanted.parts.keelAgent?.unit) return withAgent(facts, { enabled: 'enabled' })
      if (operation.unit === wanted.parts.keelApprover?.approver.unit)
        return withApprover(facts, { approver: { enabled: 'enabled' } })
      if (operation.unit === wanted.parts.keelApprover?.token.unit)
        return withApprover(facts, { token: { enabled: 'enabled' } })
      if (operation.unit === wanted.parts.keepalived?.manager)
        return withVip(facts, { manager: { enabled: 'enabled' } })
      if (operation.unit === wanted.parts.keepalived?.health) return withVip(facts, { health: { enabled: 'enabled' } })
      if (operation.unit === wanted.parts.firewall?.unit) return withFirewallUnit(facts, { enabled: 'enabled' })
      return withService(facts, operation.unit, { enabled: 'enabled' })
    case 'upgrade-node': {
      const { to } = operation
      const controlPlane = facts.past.controlPlane === undefined ? {} : { controlPlane: to }
      return {
        ...withService(facts, operation.unit, { active: 'active' }),
        past: { ...facts.past, version: to, reached: to, ...controlPlane },
        run: { ...facts.run, programIsNewer: false },
        generation: { ...facts.generation, restartPending: false, unconfirmed: false },
      }
    }
    case 'finish-deploy':
    case 'start-unit':
    case 'restart-unit':
      return {
        ...withService(facts, operation.unit, { active: 'active' }),
        past: { ...facts.past, server: true },
        generation: { ...facts.generation, restartPending: false, unconfirmed: false },
      }
  }
}

function file(mode: string, sha256: string): PathState {
  return { kind: 'file', mode, owner: 'root', group: 'root', sha256 }
}

function withFirewall(facts: Facts, change: Partial<FirewallState>): Facts {
  const { firewall } = facts.parts
  return firewall === undefined ? facts : { ...facts, parts: { ...facts.parts, firewall: { ...firewall, ...change } } }
}

function withFirewallUnit(facts: Facts, change: Partial<UnitState>): Facts {
  const { firewall } = facts.parts
  return firewall === undefined ? facts : withFirewall(facts, { unit: { ...firewall.unit, ...change } })
}

function withAgent(facts: Facts, change: Partial<AgentState>): Facts {
  const { keelAgent } = facts.parts
  return keelAgent === undefined
    ? facts
    : { ...facts, parts: { ...facts.parts, keelAgent: { ...keelAgent, ...change } } }
}

function withApprover(
  facts: Facts,
  change: { readonly approver?: Partial<UnitState>; readonly token?: Partial<UnitState> },
): Facts {
  const { keelApprover: seen } = facts.parts
  if (seen === undefined) return facts
  const keelApprover = {
    ...seen,
    approver: { ...seen.approver, ...change.approver },
    token: { ...seen.token, ...change.token },
  }
  return { ...facts, parts: { ...facts.parts, keelApprover } }
}

function withVip(
  facts: Facts,
  change: { readonly loaded?: true; readonly manager?: Partial<UnitState>; readonly health?: Partial<UnitState> },
): Facts {
  const { keepalived } = facts.parts
  if (keepalived === undefined) return facts
  const manager = { ...keepalived.manager, ...change.manager }
  const health = { ...keepalived.health, ...change.health }
  return { ...facts, parts: { ...facts.parts, keepalived: { ...keepalived, ...change, manager, health } } }
}

/** The state of a host on a system on which keel writes files. Tests of those systems use it. */
export function filesOf(rendered: Rendered): FilesRendered {
  return ofKind(rendered, 'files')
}

/** The sources of credentials, by id. */
export function sourcesOf(credentials: Readonly<Record<string, string>>): Sources {
  return { kind: 'files', credentials }
}
