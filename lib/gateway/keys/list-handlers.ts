import { LIST_FORMATS, type ListedItem, type ListFormat } from '../../commands/all-items/list-formats.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import type { GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { accessTimeOf, casHighOf, casLowOf, clientFlagsOf, Mark, marksOf } from '../items/item-format.js'
import { DESCRIBE } from '../scripts/read-scripts.js'
import { scanKeys } from './scan.js'

/** Begins to list all items of all primaries: the portions are fetched one after another, each when its client has read the last. */
export function beginList(parts: GatewayParts, request: Request, reply: Reply): void {
  const format = LIST_FORMATS[request.listKind]
  if (!parts.context.options.dumpEnabled) {
    reply.text = format.refusal
    return
  }
  if (request.answer !== 0) return
  request.session.list = new RemoteList(portions(parts, format, request.listCountMax))
  reply.text = format.start
}

/** The next portion. */
export const listNext: GatewayHandler = {
  begin(_parts, call) {
    const { list } = call
    if (!(list instanceof RemoteList)) call.replied('')
    else list.fetch().then(() => call.replied(''))
  },
  finish(_parts, call, request, reply) {
    const next = call.list?.next()
    if (next === undefined || next.done === true) request.session.list = undefined
    else reply.text = next.value
  },
}

/** A list whose portions come later: each is fetched before `next` returns it. */
class RemoteList implements Iterator<string> {
  private readonly source: AsyncIterator<string>
  private fetched: IteratorResult<string> = { done: false, value: '' }

  constructor(source: AsyncIterator<string>) {
    this.source = source
  }

  async fetch(): Promise<void> {
    try {
      this.fetched = await this.source.next()
    } catch {
      // The source ends with its error.
      this.fetched = { done: false, value: FAILURE }
    }
  }

  next(): IteratorResult<string> {
    return this.fetched
  }
}

async function* portions(
  parts: GatewayParts,
  { line, end }: ListFormat,
  countMax: number,
): AsyncGenerator<string> {
  let left = countMax === 0 ? Number.POSITIVE_INFINITY : countMax
  for (const node of parts.router.topology.primaries) {
    for await (const names of scanKeys(node, parts.prefix, PORTION)) {
      const keys = names.map((name) => name.subarray(parts.prefix.length)).filter(({ length }) => length > 0)
      const found = await Promise.all(keys.map((key) => listed(parts, key)))
      const items = found.filter((item) => item !== undefined).slice(0, left)
      left -= items.length
      yield items.map(line).join('')
    }
  }
  yield end
}

/** Undefined if the item is gone by now, or is none. */
function listed(parts: GatewayParts, key: Buffer): Promise<ListedItem | undefined> {
  return new Promise((resolve, reject) => {
    parts.run(DESCRIBE, key, [], {
      replied: (result) => resolve(isDescribed(result) ? described(parts, key, result) : undefined),
      failed: (status) => reject(new Error(`the engine has failed (${status})`)),
    })
  })
}

const isDescribed = (result: unknown): result is Described => Array.isArray(result)

type Described = readonly [leftMs: number, head: Buffer, valueLength: number]

function described(
  { context }: GatewayParts,
  key: Buffer,
  [leftMs, head, valueLength]: Described,
): ListedItem {
  const clientFlags = clientFlagsOf(head)
  return {
    key,
    expiry: leftMs < 0 ? 0 : context.store.clock.now + Math.ceil(leftMs / 1000),
    accessTime: accessTimeOf(head),
    cas: (BigInt(casHighOf(head) >>> 0) << 32n) | BigInt(casLowOf(head) >>> 0),
    isFetched: (marksOf(head) & Mark.FETCHED) !== 0,
    clientFlags,
    valueLength,
    size: context.itemSize(key.length, valueLength, clientFlags),
  }
}

const PORTION = 200
const FAILURE = 'SERVER_ERROR temporary failure\r\n'
