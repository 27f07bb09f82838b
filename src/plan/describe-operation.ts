import { oneLine } from '../model/text/one-line.ts'
import type { Difference, Operation, OperationOf } from './operation.ts'
import { shortUnit } from './short-unit.ts'
import { type Say, sayIn, type Tense } from './tense.ts'

/**
 * What deploy would do: one line for a person; further ones, where a system is built, are indented. Nothing in a path
 * or a name begins a line.
 */
export function describeOperation(operation: Operation): string {
  return lines(operation, 'planned')
}

/** The same, once deploy has done it. */
export function describeDone(operation: Operation): string {
  return lines(operation, 'done')
}

function lines(operation: Operation, tense: Tense): string {
  const say = sayIn(tense)
  if (operation.op !== 'switch-system') return oneLine(describe(operation, say))
  const changes = [...operation.diff, ...(operation.closure ?? [])].map((line) => `    ${oneLine(line)}`)
  return [`${say('build')} its system and ${say('switch')} to it (${oneLine(operation.why)})`, ...changes].join('\n')
}

function describe(operation: Exclude<Operation, { op: 'switch-system' }>, say: Say): string {
  switch (operation.op) {
    case 'push-artifact':
      return `${say('push')} ${operation.name} ${operation.version} to ${operation.path}${because(operation.why)}`
    case 'make-directory':
      return `${say('make')} ${operation.path}/ (${operation.mode})${because(operation.why)}`
    case 'write-file':
      return `${say('write')} ${operation.path}${because(operation.why)}`
    case 'set-link':
      return `${say('link')} ${operation.path} → ${operation.target}${because(operation.why)}`
    case 'remove-path':
      return `${say('remove')} ${operation.path} (no longer in the inventory)`
    case 'remove-directory':
      return `${say('remove')} ${operation.path}/ and all in it (no longer in the inventory)`
    case 'remove-unit':
      return `${say('stop')} and ${say('remove')} ${operation.unit} (no longer in the inventory)`
    case 'store-credential':
      return `${say('store')} secret ${operation.id} (${{ missing: 'not on the host yet', 're-encrypted': 're-encrypted', damaged: 'damaged on the host' }[operation.why]})`
    case 'certify':
      return `${say('certify')} ${shortUnit(operation.unit)} (${certifyReasons[operation.why]})`
    case 'place-ca':
      return `${say('place')} the CA of the cluster (k3s ${say('has')} no data here yet)`
    case 'drain-node':
      return `on ${operation.through}: ${say('drain')} Node ${operation.node} (its Pods leave it, and the data of their emptyDir volumes is lost)`
    case 'leave-kubelet':
      return operation.from === 'systemd'
        ? `${say('stop')} keel-vkubelet, and ${say('remove')} all units and directories of Pods`
        : `${say('stop')} k3s-agent, and ${say('remove')} all containers of Pods and what the agent has stored`
    case 'forget-node':
      return `on ${operation.through}: ${say('delete')} what an earlier machine named ${operation.node} left behind (Node, node password, etcd member)`
    case 'let-in':
      return `on ${operation.through}: ${say('make')} a token with which ${operation.node} joins, and ${say('remove')} it afterwards`
    case 'admit-node':
      return `on ${operation.through}: ${say('open')} the firewall for this node`
    case 'label-node':
      return `on ${operation.through}: ${describeMarks(operation, say)}`
    case 'uncordon-node':
      return `on ${operation.through}: ${say('uncordon')} Node ${operation.node} (a deploy that was interrupted had cordoned it)`
    case 'merge-extensions':
      return `${say('merge')} ${operation.names.join(', ')} into /usr (systemd-sysext refresh)`
    case 'unmerge-extensions':
      return `${say('unmerge')} ${operation.names.join(', ')} from /usr (systemd-sysext refresh)`
    case 'restart-reader':
      return `${say('order-restart')} ${operation.unit} if it ${say('runs')} (changed: ${operation.of})`
    case 'reload-systemd':
      return 'systemctl daemon-reload'
    case 'enable-unit':
      return `${say('enable')} ${operation.unit}`
    case 'load-firewall':
      return `${say('load')} the firewall (${{ new: 'not loaded yet', changed: 'its rules have changed', gone: 'not loaded in the kernel', differs: 'the kernel has other rules' }[operation.why]})`
    case 'run-unit':
      return `${say(`order-${operation.by}`)} ${operation.unit}`
    case 'start-unit':
      return `${say('order-start')} ${operation.unit}`
    case 'upgrade-node':
      return `${say('order-upgrade')} Kubernetes from ${operation.from} to ${operation.to} (kubeadm upgrade), and then restart kubelet.service`
    case 'finish-deploy':
      return `${say('check')} that ${operation.unit} is healthy (the last deploy stopped before it could)`
    case 'restart-unit':
      return `${say('order-restart')} ${operation.unit}${operation.when === 'always' ? '' : ` ${say('if-differs')}`} (${operation.why})`
  }
}

function describeMarks({ node, labels, taints }: OperationOf<'label-node'>, say: Say): string {
  const parts = [
    labels.length > 0 ? `${say('label')} ${labels.join(' ')}` : [],
    taints.length > 0 ? `${say('taint')} ${taints.join(' ')}` : [],
  ].flat()
  return `Node ${node}: ${parts.join(', ') || `${say('record')} which labels and taints come from the inventory`}`
}

const certifyReasons: Readonly<Record<OperationOf<'certify'>['why'], string>> = {
  missing: 'it has no certificate of keel yet',
  mode: 'others than root may read its key',
  damaged: 'its certificate is damaged',
  'other-key': 'its certificate does not fit its key',
  'other-ca': 'another CA signed its certificate',
  'other-names': 'the names or addresses of the host differ',
  'ends-soon': 'its certificate ends soon',
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
