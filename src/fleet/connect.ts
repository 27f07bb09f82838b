import type { SshTarget, Transport } from '../ssh/transport.ts'

/** How a command reaches a host. @throws KeelError, exit 6, where it can't be reached */
export type Connect = (target: SshTarget) => Promise<Transport>
