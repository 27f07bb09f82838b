import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConnectOptions, connect } from '../../../src/ssh/connect.ts'
import { type KeyRing, loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import type { SshTarget, Transport } from '../../../src/ssh/transport.ts'
import { type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'

let host: SshHost
let keys: KeyRing
let transport: Transport

beforeAll(async () => {
  host = await startSshHost()
  keys = await loadKeyRing({ identities: [host.userKey], env: {}, ask: async () => undefined })
  transport = await connect(host.target(), { keys })
})
afterAll(async () => {
  await transport?.close()
  await host?.stop()
})

/** A connection of its own, for runs that end it. */
async function withConnection<T>(
  use: (own: Transport) => Promise<T>,
  target: SshTarget = host.target(),
  options: Partial<ConnectOptions> = {},
) {
  const own = await connect(target, { keys, ...options })
  try {
    return await use(own)
  } finally {
    await own.close()
  }
}

describe('a script', () => {
  test.each([
    { name: 'exits with its status', script: 'exit 7', exitCode: 7 },
    { name: 'killed by SIGTERM: 128 + 15', script: 'kill -TERM $$', exitCode: 143 },
    { name: 'killed by SIGKILL: 128 + 9', script: 'kill -KILL $$', exitCode: 137 },
    { name: 'that is empty does nothing', script: '', exitCode: 0 },
    { name: 'runs as root', script: 'id -u', stdout: '0\n' },
    { name: 'keeps stderr apart', script: 'echo out; echo err >&2', stdout: 'out\n', stderr: 'err\n' },
    { name: 'may begin and end with comments', script: '#!/bin/bash\necho a # b', stdout: 'a\n' },
    { name: 'may end with a here-document', script: 'cat <<END\na }\nEND', stdout: 'a }\n' },
    {
      name: 'reads input, not itself',
      script: 'read -r line; cat >/dev/null; echo "$line"\necho next',
      input: 'first\nsecond\n',
      stdout: 'first\nnext\n',
    },
    { name: 'sees an empty stdin without input', script: 'cat; echo end', stdout: 'end\n' },
    { name: 'may leave its input unread', script: 'exit 4', input: 'x'.repeat(8_000_000), exitCode: 4 },
    {
      name: 'may close its stdin and go on',
      script: 'exec <&-; sleep 0.1; echo on',
      input: 'x'.repeat(8_000_000),
      stdout: 'on\n',
    },
    { name: 'speaks C', script: 'echo $LC_ALL', stdout: 'C\n' },
    { name: 'keeps its UTF-8', script: "printf 'é%s' '€'", stdout: 'é€' },
    { name: 'finds no variable of ours', script: 'compgen -v | grep keel_', exitCode: 1 },
  ])('$name', async ({ script, input, exitCode = 0, stdout, stderr }) => {
    const result = await transport.run(script, input === undefined ? {} : { input: Buffer.from(input) })
    expect(result).toMatchObject({ exitCode, stdout: stdout ?? '', stderr: stderr ?? '' })
  })

  test('runs not at all when its last line does not parse', async () => {
    const result = await transport.run('echo ran\nif true; then')
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toMatch(/line 3: syntax error/)
  })

  test('stands in no argument list', async () => {
    const { stdout } = await transport.run(
      'word=unlikely; tr "\\0" " " </proc/$$/cmdline; cat /proc/*/cmdline | grep -c unlikel[y]',
    )
    expect(stdout).toMatch(
      /^bash --norc --noprofile -c export LC_ALL=C PATH=\S+ HOME=~root USER=root LOGNAME=root; cd \/; unset -v OLDPWD; echo keel:ready; .*0\n$/s,
    )
  })
})

describe('input arrives byte for byte', () => {
  const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const large = randomBytes(64 * 1024 * 1024)

  test.each([
    ['all 256 bytes', all],
    ['64 MiB', large],
  ])('%s', async (_, input) => {
    const { stdout } = await transport.run('sha256sum', { input })
    expect(stdout.split(' ')[0]).toBe(sum(input))
  })

  test('from a stream, in chunks of any size', async () => {
    async function* chunks() {
      for (let at = 0, size = 1; at < large.length; at += size, size = (size * 7) % 3_000_017)
        yield large.subarray(at, at + size)
    }
    const { stdout } = await transport.run('sha256sum', { input: chunks() })
    expect(stdout.split(' ')[0]).toBe(sum(large))
  })

  test('a stream is told when nobody reads on', async () => {
    let ended = false
    async function* endless() {
      try {
        for (;;) yield large.subarray(0, 100_000)
      } finally {
        ended = true
      }
    }
    expect(await transport.run('head -c 10 >/dev/null', { input: endless() })).toMatchObject({ exitCode: 0 })
    await expect.poll(() => ended).toBe(true)
  })
})

describe('output', () => {
  test('comes line by line while the script runs', async () => {
    const lines: string[] = []
    const running = transport.run("echo one; read -r go; printf 'two\\nthr'; printf 'ee'", {
      onLine: (line) => lines.push(line),
      input: (async function* () {
        await expect.poll(() => lines).toEqual(['one'])
        yield Buffer.from('go\n')
      })(),
    })
    const { stdout } = await running
    expect(lines).toEqual(['one', 'two', 'three'])
    expect(stdout).toBe('one\ntwo\nthree')
  })

  test('of 32 MiB on both streams is complete', async () => {
    const { stdout, stderr } = await transport.run('head -c 33554432 /dev/zero | tr "\\0" x | tee /dev/stderr', {
      outputBytes: 33554432,
    })
    expect([stdout.length, stderr.length]).toEqual([33554432, 33554432])
  })
})

test('one connection carries 100 runs one after the other, without a delay between a request and its answer', async () => {
  const each: number[] = []
  for (let run = 0; run < 100; run++) {
    const from = performance.now()
    expect((await transport.run(`echo ${run}`)).stdout).toBe(`${run}\n`)
    each.push(performance.now() - from)
  }
  // with Nagle's delay the fastest takes over 40 ms; on a busy machine the slow ones do
  const fastest = Math.min(...each)
  console.log(`the fastest of 100 runs on one connection: ${fastest.toFixed(1)} ms`)
  expect(fastest).toBeLessThan(40)
})

test('150 MB arrive whole, and the first run waits for nothing', async () => {
  const from = performance.now()
  await withConnection(async (own) => {
    await own.run('true')
    const first = performance.now() - from
    const input = Buffer.alloc(150_000_000, 1)
    const start = performance.now()
    const { exitCode, stdout } = await own.run('wc -c', { input })
    const upload = performance.now() - start
    console.log(`connect and first run: ${first.toFixed(0)} ms; upload of 150 MB: ${upload.toFixed(0)} ms`)
    expect([exitCode, stdout.trim()]).toEqual([0, '150000000'])
    // 40 times what an idle machine needs: a wait for a time-out would show, a busy machine does not
    expect(first).toBeLessThan(10_000)
    expect(upload).toBeLessThan(60_000)
  })
})

describe('a run that does not end well ends the connection', () => {
  const exit = (code: string) => ({ name: 'KeelError', code, exit: 6, at: 'maia' })

  test('sshd killed in the middle: ssh-lost', async () => {
    await withConnection(async (own) => {
      const running = own.run('echo $PPID; sleep 5', { onLine: (pid) => process.kill(Number(pid), 'SIGKILL') })
      await expect(running).rejects.toMatchObject(exit('ssh-lost'))
      await expect(own.run('true')).rejects.toMatchObject(exit('ssh-lost'))
    })
  })

  test('a host that has frozen: keepalives find it long before the silence limit', async () => {
    let frozen = 0
    const onLine = (pid: string) => {
      frozen = Number(pid)
      process.kill(frozen, 'SIGSTOP')
    }
    try {
      const from = performance.now()
      const running = withConnection((own) => own.run('echo $PPID; sleep 5', { onLine }), host.target(), {
        keepAliveMs: 100,
      })
      await expect(running).rejects.toMatchObject(exit('ssh-lost'))
      expect(performance.now() - from).toBeLessThan(4000)
    } finally {
      process.kill(frozen, 'SIGKILL')
    }
  })

  test('silence: ssh-timeout', async () => {
    await withConnection((own) =>
      expect(own.run('sleep 5', { timeoutMs: 300 })).rejects.toMatchObject(exit('ssh-timeout')),
    )
  })

  test('a script that is slow but speaks is left alone', async () => {
    const running = withConnection((own) =>
      own.run('for i in 1 2 3 4 5 6; do sleep 0.1; echo $i; done', { timeoutMs: 400 }),
    )
    await expect(running).resolves.toMatchObject({ exitCode: 0 })
  })

  test('abort: the reason comes out', async () => {
    const reason = new Error('SIGINT')
    const stop = new AbortController()
    await withConnection(async (own) => {
      await expect(own.run('echo; sleep 5', { signal: stop.signal, onLine: () => stop.abort(reason) })).rejects.toBe(
        reason,
      )
      await expect(own.run('true', { signal: stop.signal })).rejects.toBe(reason)
    })
  })

  test('input that throws, onLine that throws', async () => {
    const reason = new Error('the disk is gone')
    async function* broken() {
      yield Buffer.from('half')
      await sleep(1)
      throw reason
    }
    await withConnection((own) => expect(own.run('cat', { input: broken() })).rejects.toBe(reason))
    const onLine = () => {
      throw reason
    }
    await withConnection((own) => expect(own.run('echo a; cat', { onLine })).rejects.toBe(reason))
  })

  test('close() during a run: ssh-lost; close() twice: nothing', async () => {
    await withConnection(async (own) => {
      const running = own.run('echo; sleep 5', { onLine: () => void own.close() })
      await expect(running).rejects.toMatchObject(exit('ssh-lost'))
    })
  })
})
