import type { Client } from '../../client/client.js'
import { endpointOf } from '../arguments/endpoint.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { ClientCache } from './cache/client-cache.js'
import { listLines } from './cache/list-lines.js'
import { openClient } from './cache/open-client.js'
import { toolErrorOf } from './cache/tool-error.js'
import { jsonLine } from './json-line.js'
import { withPercents } from './percents.js'

/** The fields of an item in a list. */
interface Listed {
  readonly key: Buffer
  readonly size: number
  /** When it expires, in seconds since 1970; -1 or 0, depending on the command: never. */
  readonly expiry: number
}

export const keys: Run = async (given, io) => {
  const endpoint = endpointOf(given, io.environment, given.operands[0])
  const prefix = Buffer.from(given.text('prefix') ?? '')
  const limit = given.number('limit', Number.MAX_SAFE_INTEGER, [0, Number.MAX_SAFE_INTEGER])
  const client = openClient(endpoint, 'text')
  try {
    let count = 0
    for await (const item of list(client)) {
      if (count === limit) break
      if (!item.key.subarray(0, prefix.length).equals(prefix)) continue
      count += 1
      await print(item, io, given.has('json'))
    }
  } catch (error) {
    throw toolErrorOf(error, endpoint, 'text')
  } finally {
    await client.close()
  }
  return ExitCode.OK
}

async function* list(client: Client): AsyncGenerator<Listed> {
  const lines = listLines(client, 'lru_crawler', 'metadump all', DUMPED)
  let next = await lines.next()
  if (next.done === true && next.value !== undefined) {
    yield* listClasses(client)
    return
  }
  for (; next.done !== true; next = await lines.next()) {
    const words = next.value.split(' ')
    const fields = new Map(
      words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    )
    yield {
      key: undoPercents(fields.get('key')!),
      size: Number(fields.get('size') ?? 0),
      expiry: Number(fields.get('exp') ?? 0),
    }
  }
}

/** Without a crawler: some items of each size class. */
async function* listClasses(client: Client): AsyncGenerator<Listed> {
  const statistics = await new ClientCache(client, 'text').statistics('items')
  if (statistics === undefined) throw new Refusal(ExitCode.NO, 'the server cannot list its keys')
  const classes = new Set(statistics.flatMap(([name]) => /^items:(\d+):/.exec(name)?.[1] ?? []))
  for (const number of classes) {
    const lines = listLines(client, 'stats', `cachedump ${number} 0`, CACHED)
    let next = await lines.next()
    for (; next.done !== true; next = await lines.next()) {
      const [, key = '', size = '', , seconds] = next.value.split(' ')
      yield { key: Buffer.from(key, 'latin1'), size: Number(size.replace('[', '')), expiry: Number(seconds) }
    }
    if (next.value !== undefined)
      throw new Refusal(ExitCode.NO, `the server does not list its keys: ${next.value}`)
  }
}

const DUMPED = /^key=/
const CACHED = /^ITEM /

async function print({ key, size, expiry }: Listed, io: Io, isJson: boolean): Promise<void> {
  await io.write(isJson ? jsonLine({ key: withPercents(key), size, expiry }) : `${withPercents(key)}\n`)
}

function undoPercents(text: string): Buffer {
  const bytes = text.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}
