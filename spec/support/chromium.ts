import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

type Parameters = Readonly<Record<string, unknown>>
/** What the specs read of results and events. */
interface Fields {
  readonly browserContextId?: string
  readonly targetId?: string
  readonly sessionId?: string
  readonly data?: string
  readonly type?: string
  readonly args?: readonly RemoteObject[]
  readonly result?: RemoteObject
  readonly exceptionDetails?: { readonly text: string; readonly exception?: RemoteObject }
  readonly entry?: { readonly level: string; readonly text: string; readonly url?: string }
  readonly request?: { readonly url: string }
  readonly encodedDataLength?: number
}
interface RemoteObject {
  readonly value?: unknown
  readonly description?: string
}
interface Message {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  readonly params?: Fields
  readonly result?: Fields
  readonly error?: { readonly message: string }
}
type Send = (method: string, parameters?: Parameters) => Promise<Fields>

/**
 * A headless Chromium, by its DevTools protocol: messages of JSON over two pipes, with a zero byte behind each. It looks up no name,
 * so that a page reaches nothing but this machine.
 */
export class Chromium {
  private readonly child: ChildProcess
  private readonly profile: string
  private readonly waiting = new Map<number, (message: Message) => void>()
  private readonly tabs = new Map<string, Tab>()
  private rest = ''
  private lastId = 0

  private constructor(child: ChildProcess, profile: string) {
    this.child = child
    this.profile = profile
    const input = child.stdio[4] as Readable
    input.setEncoding('utf8')
    input.on('data', (text: string) => this.read(text))
  }

  static start(): Chromium {
    const profile = mkdtempSync(join(tmpdir(), 'keepcached-chromium-'))
    const child = spawn('chromium', [...OPTIONS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    return new Chromium(child, profile)
  }

  /** A tab with nothing in common with others. */
  async open(): Promise<Tab> {
    const { browserContextId } = await this.send('Target.createBrowserContext')
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    const tab = new Tab((method, parameters) => this.send(method, parameters, sessionId))
    this.tabs.set(sessionId!, tab)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tab.send(`${domain}.enable`)
    return tab
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'close')
    this.send('Browser.close').catch(() => undefined)
    await ended
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 })
  }

  private send(method: string, params: Parameters = {}, sessionId?: string): Promise<Fields> {
    const id = ++this.lastId
    const output = this.child.stdio[3] as Writable
    output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      )
    })
  }

  private read(text: string): void {
    const messages = (this.rest + text).split('\0')
    this.rest = messages.pop()!
    for (const each of messages) {
      const message: Message = JSON.parse(each)
      if (message.id !== undefined) {
        this.waiting.get(message.id)?.(message)
        this.waiting.delete(message.id)
      } else this.tabs.get(message.sessionId ?? '')?.onEvent(message.method!, message.params!)
    }
  }
}

/** A tab, which keeps what went wrong in it, and what it has received. */
export class Tab {
  readonly send: Send
  /** Errors of the console, exceptions, and violations of policies. */
  readonly errors: string[] = []
  /** Bytes over the network, headers too. */
  receivedLength = 0
  readonly requested: string[] = []

  constructor(send: Send) {
    this.send = send
  }

  onEvent(method: string, { exceptionDetails, type, args, entry, request, encodedDataLength }: Fields): void {
    if (method === 'Runtime.exceptionThrown') this.errors.push(sentenceOf(exceptionDetails!))
    if (method === 'Runtime.consoleAPICalled' && type === 'error')
      this.errors.push(args!.map(({ value, description }) => value ?? description).join(' '))
    if (method === 'Log.entryAdded' && entry!.level === 'error')
      this.errors.push(`${entry!.text} ${entry!.url ?? ''}`)
    if (method === 'Network.requestWillBeSent') this.requested.push(request!.url)
    if (method === 'Network.loadingFinished') this.receivedLength += encodedDataLength!
  }

  async goTo(url: string): Promise<void> {
    await this.send('Page.navigate', { url })
  }

  /** The value of an expression in the page; a promise is awaited. */
  async evaluate<Value = unknown>(expression: string): Promise<Value> {
    const parameters = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', parameters)
    if (exceptionDetails !== undefined) throw new Error(sentenceOf(exceptionDetails))
    return result!.value as Value
  }

  /** Until the expression is true in the page. */
  async until(expression: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!(await this.evaluate(`Boolean(${expression})`).catch(() => false))) {
      if (Date.now() > deadline)
        throw new Error(`never true: ${expression}\n${await this.evaluate('document.body.innerText')}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : key === ' ' ? ' ' : undefined
    await this.send('Input.dispatchKeyEvent', {
      type: 'keyDown',
      key,
      code: key,
      windowsVirtualKeyCode: KEY_CODES[key],
      text,
    })
    await this.send('Input.dispatchKeyEvent', {
      type: 'keyUp',
      key,
      code: key,
      windowsVirtualKeyCode: KEY_CODES[key],
    })
  }

  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text })
  }

  look(scheme: 'light' | 'dark', width: number, height = 900): Promise<unknown> {
    return Promise.all([
      this.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      }),
      this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false }),
    ])
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true })
    return Buffer.from(data!, 'base64')
  }
}

const sentenceOf = ({ text, exception }: NonNullable<Fields['exceptionDetails']>): string =>
  exception?.description ?? text

const OPTIONS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]
const KEY_CODES: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  ArrowRight: 39,
  ArrowLeft: 37,
}
const PATIENCE_MS = 20_000
