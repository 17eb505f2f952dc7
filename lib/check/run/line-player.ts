import { type Connection, ConnectionError } from '../client/connection.js'
import { showText } from '../wire/show-bytes.js'
import { CheckFailure, CLOSED, SILENCE } from './failure.js'
import type { LineExchange } from './line-script.js'
import type { Placeholders } from './placeholders.js'
import { sendFenced } from './send-fenced.js'

/** A request whose reply shows that every reply before it has arrived. */
interface Fence {
  readonly request: string
  readonly isReply: (line: string) => boolean
}

export const TEXT_FENCE: Fence = { request: 'version\r\n', isReply: (line) => line.startsWith('VERSION ') }
export const META_FENCE: Fence = { request: 'mn\r\n', isReply: (line) => line === 'MN' }

/** Runs the exchanges of one check over one connection. */
export class LinePlayer {
  private readonly connection: Connection
  private readonly placeholders: Placeholders
  private readonly fence: Fence
  /** Received bytes that were not read yet, one byte per character. */
  private received = ''

  constructor(connection: Connection, placeholders: Placeholders, fence: Fence) {
    this.connection = connection
    this.placeholders = placeholders
    this.fence = fence
  }

  async play({ sent, expected, isLast }: LineExchange): Promise<void> {
    const request = sent.map((line) => this.placeholders.sent(line)).join('')
    const fence = isLast ? undefined : Buffer.from(this.fence.request)
    sendFenced(this.connection, Buffer.from(request, 'latin1'), fence)
    // If the replies to the request look like the reply to the fence, the last one belongs to the fence.
    const fenceCount = expected.filter(this.fence.isReply).length + 1
    const got = isLast ? await this.receiveEnd() : await this.receive(fenceCount)
    if (this.areAsExpected(got, expected, isLast)) return
    throw new CheckFailure({
      sent: sent.map((line) => showText(this.placeholders.sent(line))).map(shortened),
      expected: orSilence([
        ...expected.map((line) => showText(this.placeholders.shown(line))),
        ...(isLast ? [CLOSED] : []),
      ]),
      got: orSilence(got.map((line) => (ENDINGS.test(line) ? line : showText(line)))).map(shortened),
    })
  }

  private areAsExpected(got: readonly string[], expected: readonly string[], isLast: boolean): boolean {
    if (isLast && got.at(-1) !== CLOSED) return false
    const lines = withoutStatistics(isLast ? got.slice(0, -1) : got, expected)
    return (
      lines.length === expected.length &&
      expected.every((line, index) =>
        line === STATISTICS ? STATISTIC.test(lines[index]!) : this.placeholders.matches(line, lines[index]!),
      )
    )
  }

  /** The lines up to the reply to the fence. */
  private async receive(fenceCount: number): Promise<string[]> {
    while (true) {
      const lines = this.received.split('\r\n')
      const fences = [...lines.keys()].filter(
        (index) => index < lines.length - 1 && this.fence.isReply(lines[index]!),
      )
      const last = fences[fenceCount - 1]
      if (last !== undefined) {
        this.received = lines.slice(last + 1).join('\r\n')
        return lines.slice(0, last)
      }
      const ending = await this.readMore()
      if (ending !== undefined) return this.rest(ending)
    }
  }

  private async receiveEnd(): Promise<string[]> {
    while (true) {
      const ending = await this.readMore()
      if (ending !== undefined) return this.rest(ending)
    }
  }

  /** Undefined if bytes arrived, otherwise a text about how the stream ended. */
  private async readMore(): Promise<string | undefined> {
    try {
      const chunk = await this.connection.read()
      if (chunk === undefined) return CLOSED
      this.received += chunk.toString('latin1')
      return undefined
    } catch (error) {
      if (error instanceof ConnectionError) return `(${error.message})`
      throw error
    }
  }

  private rest(ending: string): string[] {
    const lines = this.received.split('\r\n')
    this.received = ''
    // After the last line end there is nothing, or a line that was cut off.
    return [...(lines.at(-1) === '' ? lines.slice(0, -1) : lines), ending]
  }
}

/** Stands for any number of lines. */
const STATISTICS = '{statistics}'
const STATISTIC = /^STAT \S+ \S/

/** If statistics are expected, their lines are joined into one. */
function withoutStatistics(lines: readonly string[], expected: readonly string[]): readonly string[] {
  if (!expected.includes(STATISTICS)) return lines
  return lines.filter((line, index) => !(STATISTIC.test(line) && STATISTIC.test(lines[index - 1] ?? '')))
}

const ENDINGS = /^\(.*\)$/
const SHOWN_LENGTH_MAX = 200

const orSilence = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [SILENCE] : lines)

const shortened = (line: string): string =>
  line.length <= SHOWN_LENGTH_MAX ? line : `${line.slice(0, SHOWN_LENGTH_MAX)}… (${line.length} characters)`
