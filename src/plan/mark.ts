import type { Look, Span } from '../model/text/styled-text.ts'
import type { ObjectOperation } from './object-operation.ts'
import type { Operation } from './operation.ts'

/**
 * What an operation does to what is there: creates (`+`), changes (`~`) or removes (`-`) something, restarts a service
 * that runs (`!`), or does another step (`>`).
 */
export type Mark = '+' | '~' | '-' | '!' | '>'

const looks: Readonly<Record<Mark, Look>> = {
  '+': 'added',
  '~': 'changed',
  '-': 'removed',
  '!': 'restarted',
  '>': 'step',
}

export function markSpan(mark: Mark): Span {
  return { text: mark, look: looks[mark] }
}

export function markOf(operation: Operation): Mark {
  switch (operation.op) {
    case 'push-artifact':
    case 'make-directory':
    case 'write-file':
    case 'set-link':
    case 'store-credential':
      return operation.why === 'missing' ? '+' : '~'
    case 'certify':
      return operation.why === 'missing' ? '+' : '~'
    case 'place-ca':
      return '+'
    case 'remove-path':
    case 'remove-directory':
    case 'remove-unit':
    case 'leave-kubelet':
    case 'forget-node':
      return '-'
    case 'drain-node':
    case 'let-in':
    case 'admit-node':
    case 'label-node':
    case 'uncordon-node':
    case 'switch-system':
      return '~'
    case 'restart-reader':
    case 'restart-unit':
    case 'upgrade-node':
      return '!'
    case 'run-unit':
      return operation.by === 'restart' ? '!' : '>'
    case 'merge-extensions':
    case 'unmerge-extensions':
    case 'reload-systemd':
    case 'enable-unit':
    case 'load-firewall':
    case 'start-unit':
    case 'finish-deploy':
      return '>'
  }
}

export function markOfObject(operation: ObjectOperation): Mark {
  switch (operation.op) {
    case 'apply-object':
      return operation.why === 'missing' ? '+' : '~'
    case 'remove-object':
      return '-'
    case 'see-objects':
      return '>'
  }
}
