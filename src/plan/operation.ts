import { oneLine } from '../model/one-line.ts'
import type { PartOperation } from '../parts/part-operation.ts'

/** One thing that deploy does. Data only: printable, JSON-serialisable, without a secret's value. */
export type Operation = StageOperation | ThroughOperation | HostOperation | SystemOperation | WatchOperation

/** Brought to the host, to a place where nothing uses it, before any host is switched. */
type StageOperation = {
  readonly op: 'push-artifact'
  readonly name: string
  readonly version: string
  readonly path: string
  readonly why: Difference
}

/** Done through another host, for this one. */
type ThroughOperation =
  /** Before any host is switched. */
  | { readonly op: 'admit-node'; readonly through: string }
  | { readonly op: 'forget-node'; readonly node: string; readonly through: string }
  /** `labels`, `taints`: as kubectl takes them, `key-` takes one away. `owned`: the keys that the inventory gives the Node from now on. */
  | {
      readonly op: 'label-node'
      readonly node: string
      readonly through: string
      readonly labels: readonly string[]
      readonly taints: readonly string[]
      readonly owned: { readonly labels: readonly string[]; readonly taints: readonly string[] }
    }

/** Put in its place, or ordered, on the host when it is switched. */
export type HostOperation =
  | { readonly op: 'make-directory'; readonly path: string; readonly mode: string; readonly why: Difference }
  | { readonly op: 'write-file'; readonly path: string; readonly why: Difference }
  | { readonly op: 'set-link'; readonly path: string; readonly target: string; readonly why: Difference }
  | { readonly op: 'remove-path'; readonly path: string }
  /** With all that is in it. */
  | { readonly op: 'remove-directory'; readonly path: string }
  | { readonly op: 'remove-unit'; readonly unit: string; readonly path: string }
  | { readonly op: 'store-credential'; readonly id: string; readonly why: 'missing' | 're-encrypted' | 'damaged' }
  | { readonly op: 'place-ca' }
  /** Has systemd merge the extension images that the links lead to. */
  | { readonly op: 'merge-extensions'; readonly names: readonly string[] }
  | { readonly op: 'reload-systemd' }
  /** Restarts a unit that is not k3s's, if it runs: it reads what has changed only at its start. */
  | { readonly op: 'restart-reader'; readonly unit: string; readonly of: string }
  | PartOperation
  | { readonly op: 'start-unit'; readonly unit: string }
  | { readonly op: 'restart-unit'; readonly unit: string; readonly when: RestartCondition; readonly why: string }

/**
 * A NixOS host's system as a whole: built before any host is switched, then switched to. `diff`: lines of keel's module that are taken out (`- …`) and put
 * in (`+ …`). `closure`: what changes in the system's closure, or why that isn't known, where it was asked for.
 */
type SystemOperation = {
  readonly op: 'switch-system'
  readonly why: string
  readonly secrets: readonly string[]
  readonly diff: readonly string[]
  readonly closure?: readonly string[]
}

/** Nothing differs, but an earlier deploy was cut off, or k3s not healthy: whether it is has to be seen. */
type WatchOperation = { readonly op: 'finish-deploy'; readonly unit: string }

/** The operation of a name. */
export type OperationOf<Op extends Operation['op']> = Extract<Operation, { readonly op: Op }>

/** Those of some names, in the plan's order. */
export function operationsOf<Op extends Operation['op']>(
  operations: readonly Operation[],
  ...names: readonly Op[]
): readonly OperationOf<Op>[] {
  const isNamed = (operation: Operation): operation is OperationOf<Op> => names.some((name) => name === operation.op)
  return operations.filter(isNamed)
}

/** Whether one of some names is among them. */
export function hasOperation(operations: readonly Operation[], ...names: readonly Operation['op'][]): boolean {
  return operationsOf(operations, ...names).length > 0
}

/** Those that happen on the host itself when it is switched, a built system apart. */
export function hostOperations(operations: readonly Operation[]): readonly HostOperation[] {
  return operations.filter(isHostOperation)
}

function isHostOperation(operation: Operation): operation is HostOperation {
  switch (operation.op) {
    case 'push-artifact':
    case 'admit-node':
    case 'forget-node':
    case 'label-node':
    case 'switch-system':
    case 'finish-deploy':
      return false
    default:
      operation satisfies HostOperation
      return true
  }
}

/** Whether k3s starts with it, whatever was stored: with all that its files say by then. */
export function startsK3s(operation: Operation): boolean {
  if (operation.op === 'restart-unit') return operation.when === 'always'
  return operation.op === 'start-unit' || operation.op === 'switch-system'
}

/** How what stands at a path differs from what should. */
export type Difference = 'missing' | 'content' | 'mode' | 'owner' | 'kind'

/** `value-changed`: only the host can tell, by comparing the new value with the one it holds. */
type RestartCondition = 'always' | 'value-changed'

/** One line for a person; further ones, where a system is built, are indented. Nothing in a path or a name begins a line. */
export function describeOperation(operation: Operation): string {
  if (operation.op !== 'switch-system') return oneLine(describe(operation))
  const changes = [...operation.diff, ...(operation.closure ?? [])].map((line) => `    ${oneLine(line)}`)
  return [`build its system and switch to it (${oneLine(operation.why)})`, ...changes].join('\n')
}

function describe(operation: Exclude<Operation, { op: 'switch-system' }>): string {
  switch (operation.op) {
    case 'push-artifact':
      return `push ${operation.name} ${operation.version} to ${operation.path}${because(operation.why)}`
    case 'make-directory':
      return `make ${operation.path}/ (${operation.mode})${because(operation.why)}`
    case 'write-file':
      return `write ${operation.path}${because(operation.why)}`
    case 'set-link':
      return `link ${operation.path} → ${operation.target}${because(operation.why)}`
    case 'remove-path':
      return `remove ${operation.path} (no longer in the inventory)`
    case 'remove-directory':
      return `remove ${operation.path}/ and all in it (no longer in the inventory)`
    case 'remove-unit':
      return `stop and remove ${operation.unit} (no longer in the inventory)`
    case 'store-credential':
      return `store secret ${operation.id} (${{ missing: 'not on the host yet', 're-encrypted': 're-encrypted', damaged: 'damaged on the host' }[operation.why]})`
    case 'place-ca':
      return 'place the CA of the cluster (k3s has no data here yet)'
    case 'forget-node':
      return `on ${operation.through}: delete what an earlier machine named ${operation.node} left behind (Node, node password, etcd member)`
    case 'admit-node':
      return `on ${operation.through}: open the firewall for this node`
    case 'label-node':
      return `on ${operation.through}: ${describeMarks(operation)}`
    case 'merge-extensions':
      return `merge ${operation.names.join(', ')} into /usr (systemd-sysext refresh)`
    case 'restart-reader':
      return `restart ${operation.unit} if it runs (${operation.of} changes)`
    case 'reload-systemd':
      return 'systemctl daemon-reload'
    case 'enable-unit':
      return `enable ${operation.unit}`
    case 'load-firewall':
      return `load the firewall (${{ changed: 'its rules change', gone: 'not loaded in the kernel', differs: 'the kernel has other rules' }[operation.why]})`
    case 'run-unit':
      return `${operation.by} ${operation.unit}`
    case 'start-unit':
      return `start ${operation.unit}`
    case 'finish-deploy':
      return `check that ${operation.unit} is healthy (the last deploy stopped before it could)`
    case 'restart-unit':
      return operation.when === 'always'
        ? `restart ${operation.unit} (${operation.why})`
        : `${operation.why}; restarts ${operation.unit} if the value differs`
  }
}

function describeMarks({ node, labels, taints }: Extract<Operation, { op: 'label-node' }>): string {
  const parts = [
    labels.length > 0 ? `label ${labels.join(' ')}` : [],
    taints.length > 0 ? `taint ${taints.join(' ')}` : [],
  ].flat()
  return `Node ${node}: ${parts.join(', ') || 'record which labels and taints come from the inventory'}`
}

function because(why: Difference): string {
  const texts: Record<Difference, string> = {
    missing: '',
    content: ' (its content differs)',
    mode: ' (its mode differs)',
    owner: ' (its owner differs)',
    kind: ' (something else is there)',
  }
  return texts[why]
}
