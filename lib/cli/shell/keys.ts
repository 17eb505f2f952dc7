import { TextClient } from '../../check/client/text-client.js'
import { endpointOf } from '../endpoint.js'
import { ExitCode } from '../exit-codes.js'
import { Refusal } from '../refusal.js'
import type { Io, Run } from '../sub-command.js'
import { jsonLine } from './json-line.js'

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
  const client = await TextClient.open(endpoint)
  try {
    let count = 0
    for await (const item of list(client)) {
      if (count === limit) break
      if (!item.key.subarray(0, prefix.length).equals(prefix)) continue
      count += 1
      await print(item, io, given.has('json'))
    }
  } finally {
    client.close()
  }
  return ExitCode.OK
}

async function* list(client: TextClient): AsyncGenerator<Listed> {
  client.send('lru_crawler metadump all')
  const first = await client.readLine()
  // Later versions send OK before the list.
  if (!/^(END|OK|key=.*)$/.test(first.words[0] ?? '')) {
    yield* listClasses(client)
    return
  }
  for (let { words } = first; words[0] !== 'END'; { words } = await client.readLine()) {
    const fields = new Map(
      words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    )
    if (!fields.has('key')) continue
    yield {
      key: undoPercents(fields.get('key')!),
      size: Number(fields.get('size') ?? 0),
      expiry: Number(fields.get('exp') ?? 0),
    }
  }
}

/** Without a crawler: some items of each size class. */
async function* listClasses(client: TextClient): AsyncGenerator<Listed> {
  const classes = new Set<string>()
  client.send('stats items')
  for (let { words } = await client.readLine(); words[0] !== 'END'; { words } = await client.readLine()) {
    const [, number] = /^items:(\d+):/.exec(words[1] ?? '') ?? []
    if (words[0] !== 'STAT') throw new Refusal(ExitCode.NO, 'the server cannot list its keys')
    if (number !== undefined) classes.add(number)
  }
  for (const number of classes) {
    client.send(`stats cachedump ${number} 0`)
    for (let { words } = await client.readLine(); words[0] !== 'END'; { words } = await client.readLine()) {
      const [word, key = '', size = '', , seconds] = words
      if (word !== 'ITEM')
        throw new Refusal(ExitCode.NO, `the server does not list its keys: ${words.join(' ')}`)
      yield { key: Buffer.from(key, 'latin1'), size: Number(size.replace('[', '')), expiry: Number(seconds) }
    }
  }
}

async function print({ key, size, expiry }: Listed, io: Io, isJson: boolean): Promise<void> {
  await io.write(isJson ? jsonLine({ key: withPercents(key), size, expiry }) : `${withPercents(key)}\n`)
}

function undoPercents(text: string): Buffer {
  const bytes = text.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

/** A line for every key, whatever bytes it has. */
function withPercents(key: Buffer): string {
  return key
    .toString('latin1')
    .replaceAll(/[^!-$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
