import { ExitCode, KeelError } from '../../errors.ts'
import type { NodeFacts } from '../node/node-facts.ts'

/**
 * What all Pods may use together is a limit of the kernel: with nothing left, it would end every Pod that runs.
 * @throws KeelError `vkubelet-reserve`
 */
export function refuseWholeReserve({ memory, reserve }: Pick<NodeFacts, 'memory' | 'reserve'>): void {
  if (reserve.memory < memory) return
  throw new KeelError({
    code: 'vkubelet-reserve',
    at: '/etc/keel/vkubelet.json',
    found: `the system keeps ${mebibytes(reserve.memory)} of memory, and the host has ${mebibytes(memory)}`,
    why: 'nothing would be left for Pods, and those that run would end',
    todo: 'write a smaller `reserve` into `systemdKubelet` of the inventory, and deploy again',
    exit: ExitCode.Usage,
  })
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1_048_576)}Mi`
}
