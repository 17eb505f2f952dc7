/** Hashes of keys to 32 bits, as the clients of other languages compute them. */
import { crc32 } from 'node:zlib'
import { KeyBytes } from './key-bytes.js'
import { md5 } from './md5.js'

export type Hash = (key: string | Uint8Array) => number

/** ketama's: the first word of MD5. */
export const md5Word: Hash = (key) => md5(key)[0]! >>> 0

const keyBytes = new KeyBytes()

/** libmemcached's default: Jenkins' one-at-a-time. */
export const oneAtATime: Hash = (key) => {
  const length = keyBytes.write(key, 0)
  const { bytes } = keyBytes
  let hash = 0
  for (let index = 0; index < length; index++) {
    hash = (hash + signed(bytes[index]!)) | 0
    hash = (hash + (hash << 10)) | 0
    hash ^= hash >>> 6
  }
  hash = (hash + (hash << 3)) | 0
  hash ^= hash >>> 11
  return (hash + (hash << 15)) >>> 0
}

/** libmemcached adds bytes of C's type `char`, which has a sign on most machines. */
const signed = (byte: number): number => (byte << 24) >> 24

/** What libmemcached calls `crc`: the upper half of CRC-32 without its first bit. */
export const crc: Hash = (key) => (crc32(key) >>> 16) & 0x7fff
