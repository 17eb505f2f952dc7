import { ADMIN_PAGE_COUNT_MAX, KEY_LENGTH_MAX } from '../../request/limits.js'
import { type ListedItem, PrefixVisits } from '../../store/prefix-visits.js'
import type { Admin } from '../admin.js'
import { type Exchange, sendJson } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'
import type { Parameters } from '../http/parameters.js'
import { boundReading, untilClosed, untilRead } from '../http/slow-readers.js'
import { Slices } from '../slices.js'
import { keyFields, prefixFields } from './key.js'
import { ItemGroup, PrefixGroups } from './prefix-groups.js'

export const LIST_PARAMETERS: readonly string[] = ['prefix', 'limit', 'cursor', 'count', 'by']

/**
 * The items whose keys begin with a prefix: page by page, how many there are, or how many by the prefixes below. Keys lie in
 * the index by their hashes, so any prefix is found by looking at all items. A page ends with a bucket, and the cursor is the next one:
 * items that come and go do not disturb it, and when the index grows, items only move to later buckets.
 */
export async function listItems(exchange: Exchange): Promise<void> {
  const { admin, parameters } = exchange
  if (!admin.access.options.dumpEnabled) throw new HttpError(403, 'listing of keys is off (-X)')
  const prefix = parameters.bytes('prefix') ?? Buffer.alloc(0)
  if (prefix.length > KEY_LENGTH_MAX)
    throw new HttpError(400, `prefix: no key is longer than ${KEY_LENGTH_MAX} bytes`)
  const limit = parameters.integer('limit', { min: 1, max: ADMIN_PAGE_COUNT_MAX, default: PAGE_COUNT })
  const visits = new PrefixVisits(admin.access.store, prefix)
  const by = delimiterIn(parameters)
  const bucket = bucketOf(admin, parameters.text('cursor'), visits.bucketCount)
  if (!admin.listings.take(1)) throw new HttpError(429, 'too many listings at once; try again')
  try {
    admin.access.store.clock.refresh()
    if (by !== undefined) await group(exchange, visits, prefix, { delimiter: by, limit })
    else if (parameters.flag('count')) await count(exchange, visits, prefix)
    else await page(exchange, visits, bucket, limit)
  } finally {
    admin.listings.give(1)
  }
}

/** Written in pieces as the client reads them, since a page may be long. */
async function page(
  { admin, response }: Exchange,
  visits: PrefixVisits,
  first: number,
  limit: number,
): Promise<void> {
  const slices = new Slices()
  const listed: ListedItem[] = []
  let lines: string[] = []
  let found = 0
  const note = (item: number): void => {
    listed.push(visits.describe(item))
  }
  boundReading(response)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"items":[')
  let bucket = first
  while (bucket < visits.bucketCount && found < limit && !response.destroyed) {
    const isFree = visits.visitBucket(bucket, note)
    if (isFree) bucket++
    const isEmpty = listed.length === 0
    // Not while the bucket is visited: a worker that writes there would wait.
    for (const item of listed.splice(0)) lines.push(`${found++ === 0 ? '\n' : ',\n'}${lineOf(item)}`)
    // Looking at the clock costs as much as some buckets of which nothing is listed.
    if (isFree && isEmpty && bucket % BUCKETS_AT_ONCE !== 0) continue
    if (isFree && !slices.isOver) continue
    if (lines.length >= LINES_AT_ONCE) {
      response.write(lines.join(''))
      lines = []
      await untilRead(response)
    }
    await slices.pause()
  }
  const cursor = bucket < visits.bucketCount ? cursorOf(admin, bucket) : null
  response.end(`${lines.join('')}\n],"cursor":${JSON.stringify(cursor)}}\n`)
  await untilClosed(response)
}

async function count(exchange: Exchange, visits: PrefixVisits, prefix: Buffer): Promise<void> {
  const all = new ItemGroup()
  await visitAll(exchange, visits, (item) => all.add(visits.bytesOf(item)))
  sendJson(exchange, { ...prefixFields(prefix), count: all.count, bytes: all.bytes })
}

/** The prefixes one level deeper, those with the most bytes first. */
async function group(
  exchange: Exchange,
  visits: PrefixVisits,
  prefix: Buffer,
  { delimiter, limit }: { delimiter: number; limit: number },
): Promise<void> {
  const groups = new PrefixGroups(exchange.admin.access.store, visits, delimiter)
  await visitAll(exchange, visits, (item) => groups.add(item))
  const prefixes = groups.largest(limit).map(([name, { count, bytes }]) => ({
    ...prefixFields(Buffer.concat([prefix, Buffer.from(name, 'latin1')])),
    count,
    bytes,
  }))
  sendJson(exchange, { ...prefixFields(prefix), prefixes, here: groups.here, others: groups.others })
}

async function visitAll(
  { response }: Exchange,
  visits: PrefixVisits,
  visit: (item: number) => void,
): Promise<void> {
  const slices = new Slices()
  let bucket = 0
  while (bucket < visits.bucketCount && !response.destroyed) {
    const isFree = visits.visitBucket(bucket, visit)
    if (isFree) bucket++
    if (!isFree || (bucket % BUCKETS_AT_ONCE === 0 && slices.isOver)) await slices.pause()
  }
}

function delimiterIn(parameters: Parameters): number | undefined {
  const by = parameters.bytes('by')
  if (by !== undefined && by.length !== 1) throw new HttpError(400, 'by: give one byte, such as :')
  return by?.[0]
}

/** Written by hand: JSON.stringify takes five times as long for an object of these fields. */
function lineOf({ key, size, bytes, ttl, accessTime, isFetched, flags, cas }: ListedItem): string {
  const [[name, text]] = Object.entries(keyFields(key)) as [[string, string]]
  // 64 bits are more than a number of JavaScript holds.
  return `{"${name}":${JSON.stringify(text)},"size":${size},"bytes":${bytes},"ttl":${ttl},"lastAccess":${accessTime},"fetched":${isFetched},"flags":${flags},"cas":"${cas}"}`
}

const cursorOf = ({ id }: Admin, bucket: number): string => `${id}-${bucket}`

function bucketOf(admin: Admin, cursor: string | undefined, bucketCount: number): number {
  if (cursor === undefined) return 0
  const bucket = Number(/^[0-9a-f]{8}-(\d{1,10})$/.exec(cursor)?.[1] ?? Number.NaN)
  if (cursor !== cursorOf(admin, bucket) || bucket >= bucketCount)
    throw new HttpError(400, 'cursor: it is not of this server, or of this server before its last start')
  return bucket
}

const PAGE_COUNT = 100
/** Not a write for each slice, which finds few of many items (scripts/bench/prefix.ts). */
const LINES_AT_ONCE = 200
/** About a tenth of a millisecond of work. */
const BUCKETS_AT_ONCE = 64
