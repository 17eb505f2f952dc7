import type zlib from 'node:zlib'

let own: typeof zlib.crc32 | undefined

/** That of `node:zlib`, which is loaded at the first call: only servers that keep their items need it. */
export function crc32(bytes: Buffer, value = 0): number {
  own ??= process.getBuiltinModule('node:zlib').crc32
  return own(bytes, value)
}
