/** What specs of changes over HTTP share: a subscriber of a stream, a poll, and commands that change items. */
import { get as httpGet, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import type { AdminServer } from '../../support/admin.js'

export interface Event {
  readonly kind: string
  readonly position?: string
  readonly after?: string
  readonly key?: string
  readonly key64?: string
  readonly cas?: string
  readonly size?: number
  readonly ttl?: number
  readonly value?: string
  readonly value64?: string
}

export const FORMS = ['ndjson', 'sse'] as const
export type Form = (typeof FORMS)[number]

/** A subscriber of a stream. It reads when it is asked for an event. */
export class Subscriber {
  readonly response: IncomingMessage
  /** The ids of server-sent events, in their order. */
  readonly ids: (string | undefined)[] = []
  private readonly form: Form
  private readonly chunks: AsyncIterator<Buffer>
  private rest = ''
  private readonly events: Event[] = []

  private constructor(response: IncomingMessage, form: Form) {
    this.response = response
    this.form = form
    this.chunks = response[Symbol.asyncIterator]()
  }

  static open(
    admin: AdminServer,
    form: Form,
    parameters: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Subscriber> {
    const path = `/v1/changes?${new URLSearchParams({ feed: form, ...parameters })}`
    return new Promise((resolve, reject) => {
      const request = httpGet({ host: '127.0.0.1', port: admin.port, path, headers, agent: false })
      request.on('error', reject)
      request.on('response', (response) => resolve(new Subscriber(response, form)))
    })
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Event | undefined> {
    while (this.events.length === 0) {
      const { value, done } = await this.chunks.next()
      if (done === true) return undefined
      this.read(value.toString('latin1'))
    }
    return this.events.shift()
  }

  async nextOf(kind: string): Promise<Event> {
    for (;;) {
      const event = await this.next()
      if (event === undefined) throw new Error(`the stream has ended before ${kind}`)
      if (event.kind === kind) return event
    }
  }

  close(): void {
    this.response.destroy()
  }

  private read(text: string): void {
    const parts = (this.rest + text).split(this.form === 'sse' ? '\n\n' : '\n')
    this.rest = parts.pop()!
    for (const part of parts) {
      const fields = new Map(this.form === 'ndjson' ? [['data', part]] : part.split('\n').map(fieldOf))
      const data = fields.get('data')
      if (data === undefined) continue
      this.ids.push(fields.get('id'))
      this.events.push(JSON.parse(Buffer.from(data, 'latin1').toString()))
    }
  }
}

const fieldOf = (line: string): [string, string] => [
  line.slice(0, line.indexOf(': ')),
  line.slice(line.indexOf(': ') + 2),
]

export interface PollReply {
  readonly events: readonly Event[]
  readonly position: string
}

export async function pollOf(
  admin: AdminServer,
  parameters: Record<string, string> = {},
): Promise<PollReply> {
  const reply = await admin.send(`/v1/changes?${new URLSearchParams(parameters)}`)
  expect(reply.status, reply.text).to.equal(200)
  return JSON.parse(reply.text)
}

export async function say(admin: AdminServer, lines: string): Promise<string> {
  const connection = await admin.connect()
  connection.send(Buffer.from(`${lines}mn\r\n`, 'latin1'))
  const text = (await connection.receiveUntil(Buffer.from('MN\r\n'))).toString('latin1')
  connection.close()
  return text
}

export const kindsOf = (events: readonly Event[]): string[] => events.map(({ kind, key }) => `${kind} ${key}`)
export const set = (key: string, value: string, expiry = 0): string =>
  `set ${key} 7 ${expiry} ${value.length}\r\n${value}\r\n`
