// Reads all changes of a server over HTTP: subscriber.js ADMIN-PORT. Sends 'ready' once subscribed, and answers each message with
// what it has received.
import { get } from 'node:http'
import { HOST } from '../support/server.js'

export interface Received {
  readonly changeCount: number
  /** Those that gaps have told of. */
  readonly missedCount: number
}

const LINE_FEED = 0x0a
const GAP = Buffer.from('{"kind":"gap"')
/** No line is shorter: the search for its end begins there. */
const LINE_LENGTH_MIN = '{"kind":"set","position":"0123456789abcdef.0"}'.length

const port = Number(process.argv[2])
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())

let changeCount = 0
let missedCount = 0
let rest = Buffer.alloc(0)

/** Lines are counted, and only gaps are looked at and parsed: the subscriber shares its core with the load, and shall not slow it. */
function receive(bytes: Buffer): void {
  const text = Buffer.concat([rest, bytes])
  const hasGap = text.includes(GAP)
  let start = 0
  for (;;) {
    const end = text.indexOf(LINE_FEED, start + LINE_LENGTH_MIN)
    if (end === -1) break
    if (hasGap && GAP.equals(text.subarray(start, start + GAP.length)))
      countGap(text.toString('latin1', start, end))
    else changeCount++
    start = end + 1
  }
  rest = text.subarray(start)
}

function countGap(line: string): void {
  const { after, position } = JSON.parse(line) as { after: string; position: string }
  missedCount += numberOf(position) - numberOf(after)
}

const numberOf = (position: string): number => Number(position.split('.')[1])

get({ host: HOST, port, path: '/v1/changes?feed=ndjson' }, (response) => {
  if (response.statusCode !== 200) throw new Error(`the server answers ${response.statusCode}`)
  response.on('data', receive)
  process.on('message', () => process.send?.({ changeCount, missedCount } satisfies Received))
  process.send?.('ready')
})
