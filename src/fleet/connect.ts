import type { SshTarget, Transport } from '../ssh/transport.ts'

/**
 * How a command reaches a host. @throws KeelError, exit 6, where it can't be reached
 * @param signal ends the attempt; else that of the command does
 */
export type Connect = (target: SshTarget, signal?: AbortSignal) => Promise<Transport>

/** What is done over one connection, which is closed however that ends. @throws what `connect` and `use` throw */
export async function withConnection<Result>(
  connect: Connect,
  target: SshTarget,
  use: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  const transport = await connect(target)
  try {
    return await use(transport)
  } finally {
    await transport.close()
  }
}
