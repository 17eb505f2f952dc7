import type { Client } from '../../../client/client.js'
import { Command } from '../../../request/command.js'
import { LinesCall } from './lines-call.js'

/** Lines that wait to be printed; beyond it the connection is not read. */
const WAITING_COUNT_MAX = 1000

/**
 * The lines of a list, one after the other, however slowly they are taken. Returns the line that came in place of the list's
 * end; undefined if it was whole.
 */
export async function* listLines(
  client: Client,
  verb: string,
  rest: string,
  pattern: RegExp,
): AsyncGenerator<string, string | undefined> {
  let waiting: string[] = []
  let isEnded = false
  let wake = (): void => {}
  const call = new LinesCall(verb, rest, pattern, (line) => {
    waiting.push(line)
    if (waiting.length === WAITING_COUNT_MAX) call.pause()
    wake()
  })
  call.command = Command.META_GET
  const result = call.promise()
  const end = () => {
    isEnded = true
    wake()
  }
  result.then(end, end)
  const [server] = client.executor.targets()
  server!.execute(call, undefined)
  while (true) {
    const lines = waiting
    waiting = []
    yield* lines
    if (lines.length >= WAITING_COUNT_MAX) call.resume()
    if (waiting.length > 0) continue
    if (isEnded) return result
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}
