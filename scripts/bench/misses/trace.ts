import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { CacheRequest } from './cache-request.js'
import { bounded, type ValueLengths } from './value-lengths.js'

const HEADER = 'time,key,size,op,ttl'
const GZIP_MAGIC = 0x1f8b

/**
 * The requests of a recorded trace: a line for each, of time, key, size of the value, operation and time to live. Without a
 * size, the length is that of `valueLengthOf`. Times are ignored: traces are played as fast as possible, nothing expires.
 */
export function* readTrace(file: string, valueLengthOf: ValueLengths): Generator<CacheRequest> {
  const bytes = readFileSync(file)
  const isPacked = bytes.readUInt16BE(0) === GZIP_MAGIC
  const text = (isPacked ? gunzipSync(bytes) : bytes).toString('latin1')
  let start = text.indexOf('\n') + 1
  if (text.slice(0, start).trim() !== HEADER) throw new Error(`${file} does not begin with ${HEADER}`)
  while (start < text.length) {
    const end = text.indexOf('\n', start) === -1 ? text.length : text.indexOf('\n', start)
    const [, key = '', size, operation] = text.slice(start, end).split(',')
    const valueLength = size ? bounded(Number(size)) : valueLengthOf(key)
    yield { operation: operationOf(operation), key, valueLength }
    start = end + 1
  }
}

function operationOf(text: string | undefined): CacheRequest['operation'] {
  return text === 'set' || text === 'delete' ? text : 'get'
}
