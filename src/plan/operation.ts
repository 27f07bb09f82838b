import type { OnceStep } from '../model/distribution/once-step.ts'
import type { CertifyOperation, PartOperation } from '../parts/part-operation.ts'

/** One thing that deploy does. Data only: printable, JSON-serialisable, without a secret's value. */
export type Operation =
  | StageOperation
  | ThroughOperation
  | CertifyOperation
  | LeaveOperation
  | HostOperation
  | SystemOperation
  | WatchOperation

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
  /** All its Pods leave it, and none comes. Those of DaemonSets stay. */
  | { readonly op: 'drain-node'; readonly node: string; readonly through: string }
  | { readonly op: 'forget-node'; readonly node: string; readonly through: string }
  /** It takes Pods again, once the host is healthy: a deploy that had cordoned it has not come to its end. */
  | { readonly op: 'uncordon-node'; readonly node: string; readonly through: string }
  /** A token for this join alone. */
  | { readonly op: 'let-in'; readonly node: string; readonly through: string }
  /**
   * `labels`, `taints`: as kubectl takes them, `key-` takes one away. `owned`: the keys that the inventory gives the
   * Node from now on.
   */
  | {
      readonly op: 'label-node'
      readonly node: string
      readonly through: string
      readonly labels: readonly string[]
      readonly taints: readonly string[]
      readonly owned: { readonly labels: readonly string[]; readonly taints: readonly string[] }
    }

/** Ends a kubelet of the other kind and all Pods that it has left, on the host and before the Node is deleted. */
type LeaveOperation = { readonly op: 'leave-kubelet'; readonly from: 'distribution' | 'systemd' }

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
  /** Done once in the life of a host. */
  | { readonly op: OnceStep['kind'] }
  /** Has systemd merge the extension images that the links lead to. */
  | { readonly op: 'merge-extensions'; readonly names: readonly string[] }
  /** The same, once links of extensions were removed. */
  | { readonly op: 'unmerge-extensions'; readonly names: readonly string[] }
  | { readonly op: 'reload-systemd' }
  /** Restarts a unit that is not the distribution's, if it runs: it reads what has changed only at its start. */
  | { readonly op: 'restart-reader'; readonly unit: string; readonly of: string }
  | PartOperation
  | { readonly op: 'start-unit'; readonly unit: string }
  /** The unit brings the node, and on a server the control plane, to another version; it restarts the kubelet then. */
  | { readonly op: 'upgrade-node'; readonly unit: string; readonly from: string; readonly to: string }
  | { readonly op: 'restart-unit'; readonly unit: string; readonly when: RestartCondition; readonly why: string }

/**
 * A NixOS host's system as a whole: built before any host is switched, then switched to. `diff`: lines of keel's module
 * that are taken out (`- …`) and put in (`+ …`). `closure`: what changes in the system's closure, or why that isn't
 * known, where it was asked for.
 */
type SystemOperation = {
  readonly op: 'switch-system'
  readonly why: string
  readonly secrets: readonly string[]
  readonly diff: readonly string[]
  readonly closure?: readonly string[]
}

/** Nothing differs, but an earlier deploy was interrupted or k3s was not healthy, so deploy must check that it is. */
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
    case 'drain-node':
    case 'leave-kubelet':
    case 'forget-node':
    case 'let-in':
    case 'label-node':
    case 'uncordon-node':
    case 'certify':
    case 'switch-system':
    case 'finish-deploy':
      return false
    default:
      operation satisfies HostOperation
      return true
  }
}

/** Whether a unit starts with this operation, no matter what was stored, and so reads all its files. */
export function starts(operation: Operation, unit: string): boolean {
  if (operation.op === 'restart-unit') return operation.unit === unit && operation.when === 'always'
  return operation.op === 'switch-system' || (operation.op === 'start-unit' && operation.unit === unit)
}

/** How what is at a path differs from what should. */
export type Difference = 'missing' | 'content' | 'mode' | 'owner' | 'kind'

/** `value-changed`: only the host can tell, because it compares the new value with the one that it has. */
type RestartCondition = 'always' | 'value-changed'
