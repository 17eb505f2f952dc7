import { type Batch, type Exchange, each, one } from './batches.js'

const line = (text: string, value?: Buffer): Buffer =>
  value === undefined
    ? Buffer.from(`${text}\r\n`)
    : Buffer.concat([Buffer.from(`${text}\r\n`), value, Buffer.from('\r\n')])

const exchanged = (request: Buffer, ...replies: Buffer[]): Batch => one(request, Buffer.concat(replies))

const get: Exchange = (key, value) =>
  exchanged(line(`get ${key}`), line(`VALUE ${key} 0 ${value.length}`, value), line('END'))

const set: Exchange = (key, value) => exchanged(line(`set ${key} 0 0 ${value.length}`, value), line('STORED'))

const metaGet: Exchange = (key, value) => exchanged(line(`mg ${key} v`), line(`VA ${value.length}`, value))

const metaSet: Exchange = (key, value) => exchanged(line(`ms ${key} ${value.length}`, value), line('HD'))

export const textGets = each(get)
export const textSets = each(set)
export const metaGets = each(metaGet)
export const metaSets = each(metaSet)
