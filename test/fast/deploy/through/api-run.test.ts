import { describe, expect, it } from 'vitest'
import { runOnApi } from '../../../../src/deploy/through/api-run.ts'
import { ExitCode, KeelError } from '../../../../src/errors.ts'
import type { RunOptions, RunResult, Transport } from '../../../../src/ssh/transport.ts'
import { sampleHost } from '../../../support/samples/sample-cluster.ts'

const { name, address, hostKey } = sampleHost({ name: 'ocean' })
const signal = new AbortController().signal

function server(answer: RunResult | KeelError) {
  const given: RunOptions[] = []
  const transport: Transport = {
    target: { name, address, hostKey: hostKey ?? expect.unreachable() },
    run: async (_script, options = {}) => {
      given.push(options)
      if (answer instanceof KeelError) throw answer
      return answer
    },
    close: async () => {},
  }
  return { transport, given }
}
const failed = (stderr: string): RunResult => ({ exitCode: 1, stdout: '', stderr })

describe('a change through the API', () => {
  it.each([
    'Unable to connect to the server: net/http: TLS handshake timeout',
    'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?',
    'Error from server (Timeout): context deadline exceeded',
    'Error from server (ServiceUnavailable): the server is currently unable to handle the request',
  ])('names an API server that does not answer: %s', async (said) => {
    const { transport } = server(failed(`some warning\n${said}\n`))
    await expect(runOnApi(transport, '', { patience: 7, name: 'forget-node', signal })).rejects.toMatchObject({
      code: 'api-silent',
      at: 'ocean',
      found: expect.stringContaining(said),
    })
  })

  it('ends with the patience, as a whole', async () => {
    const { transport, given } = server(
      new KeelError({ code: 'ssh-timeout', found: 'no end', exit: ExitCode.Unreachable }),
    )
    await expect(runOnApi(transport, '', { patience: 7, name: 'forget-node', signal })).rejects.toMatchObject({
      code: 'api-silent',
      found: expect.stringContaining('7 s'),
      exit: 1,
    })
    expect(given).toMatchObject([{ timeoutMs: 7000, totalMs: 7000 }])
  })

  it('is not silent where an object takes its time', async () => {
    const slow = failed('error: timed out waiting for the condition on nodes/luna')
    expect(await runOnApi(server(slow).transport, '', { patience: 7, name: 'forget-node', signal })).toBe(slow)
  })

  it('leaves to its caller what the API has refused, and a connection that is lost', async () => {
    const refusal = failed('Error from server (Forbidden): nodes "luna" is forbidden')
    expect(await runOnApi(server(refusal).transport, '', { patience: 7, name: 'forget-node', signal })).toBe(refusal)
    const lost = new KeelError({ code: 'ssh-lost', found: 'gone', exit: ExitCode.Unreachable })
    await expect(runOnApi(server(lost).transport, '', { patience: 7, name: 'forget-node', signal })).rejects.toBe(lost)
  })
})
