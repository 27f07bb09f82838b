import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

/** A page of a real browser, asked through its DevTools protocol: the page itself runs no script of the test's. */
interface Page {
  open(url: string): Promise<void>
  /** The value of an expression, as JSON. The page's own policy does not apply to it. */
  evaluate<Value>(expression: string): Promise<Value>
  /** A PNG of the whole page. */
  screenshot(): Promise<Buffer>
  emulate(look: 'dark' | 'light', width: number): Promise<void>
  /** What the console and the browser's log have said, and every address that was asked for. */
  readonly said: string[]
  readonly requested: string[]
}

export interface Browser extends AsyncDisposable {
  readonly page: Page
}

interface Protocol {
  readonly call: <Result>(method: string, params?: object, sessionId?: string) => Promise<Result>
  /** Who is told of each event. */
  readonly events: ((event: Answer) => void)[]
}

/** Debian's chromium-headless-shell, with a profile of its own. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'keel-browser-'))
  const browser = spawn(
    'chromium-headless-shell',
    [
      // root has no sandbox; the pages are our own
      '--no-sandbox',
      '--remote-debugging-pipe',
      '--disable-gpu',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()))
  const connection = protocol(browser)
  const close = async () => {
    // a signal would reach Debian's wrapper only
    await connection.call('Browser.close').catch(() => {})
    await ended
    rmSync(profile, { recursive: true, force: true })
  }
  try {
    return { page: await pageOf(connection), [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function pageOf({ call, events }: Protocol): Promise<Page> {
  const [said, requested]: [string[], string[]] = [[], []]
  const listeners = new Map<string, () => void>()
  events.push(({ method = '', params = {} }) => {
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled')
      said.push(JSON.stringify(params))
    if (method === 'Network.requestWillBeSent') requested.push(JSON.stringify(params.request))
    listeners.get(method)?.()
  })
  const { targetInfos } = await call<{ targetInfos: readonly { targetId: string; type: string }[] }>(
    'Target.getTargets',
  )
  const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId
  const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
  const inPage = <Result>(method: string, params = {}) => call<Result>(method, params, sessionId)
  for (const domain of ['Page', 'Log', 'Runtime', 'Network']) await inPage(`${domain}.enable`)
  return {
    said,
    requested,
    async open(url) {
      const loaded = new Promise<void>((resolve) => listeners.set('Page.loadEventFired', resolve))
      await inPage('Page.navigate', { url })
      await loaded
    },
    async evaluate<Value>(expression: string) {
      const { result, exceptionDetails } = await inPage<{ result: { value: Value }; exceptionDetails?: unknown }>(
        'Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true },
      )
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return result.value
    },
    async screenshot() {
      const { data } = await inPage<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true })
      return Buffer.from(data, 'base64')
    },
    async emulate(look, width) {
      await inPage('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: look }] })
      await inPage('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false })
    },
  }
}

/** JSON on a pipe each way, each message ends with a NUL (chromium's --remote-debugging-pipe). */
function protocol(browser: ChildProcess): Protocol {
  const events: ((event: Answer) => void)[] = []
  const [requests, answers] = [browser.stdio[3] as Writable, browser.stdio[4] as Readable]
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
  }
  browser.once('error', fail)
  browser.once('close', () => fail(new Error('the browser has ended')))
  requests.on('error', fail)
  let received = ''
  answers.setEncoding('utf8').on('data', (text: string) => {
    const messages = (received + text).split('\0')
    received = messages.pop() ?? ''
    for (const message of messages) {
      const answer: Answer = JSON.parse(message)
      const asked = waiting.get(answer.id ?? -1)
      if (asked === undefined) for (const told of events) told(answer)
      else if (answer.error !== undefined) asked.reject(new Error(answer.error.message))
      else asked.resolve(answer.result as never)
    }
  })
  let last = 0
  const call = <Result>(method: string, params: object = {}, sessionId?: string) =>
    new Promise<Result>((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      requests.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`)
    })
  return { call, events }
}
