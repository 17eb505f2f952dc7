/** A value as text, as JSON, as hexadecimal digits, and uncompressed. Each form is bounded: a value has up to 16 MiB. */

/**
 * What the first bytes say: gzip or zlib.
 *
 * @param {Uint8Array} bytes
 * @returns {CompressionFormat | undefined}
 */
export function compressionOf(bytes) {
  const [first = 0, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  const isZlib = (first & 15) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0
  return isZlib && bytes.length > 6 ? 'deflate' : undefined
}

/**
 * A small value may be a huge one compressed: only so much of it is kept. Undefined if the bytes only looked compressed.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {CompressionFormat} format
 */
export async function uncompressed(bytes, format) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader()
  const pieces = []
  let length = 0
  try {
    while (length < UNCOMPRESSED_LENGTH_MAX) {
      const { done, value } = await reader.read()
      if (done) break
      pieces.push(value)
      length += value.length
    }
  } catch {
    return undefined
  }
  reader.cancel().catch(() => {})
  return new Uint8Array(await new Blob(pieces).slice(0, UNCOMPRESSED_LENGTH_MAX).arrayBuffer())
}

/** @param {Uint8Array} bytes */
export function asText(bytes) {
  const text = new TextDecoder().decode(bytes.subarray(0, TEXT_LENGTH_MAX))
  return bytes.length > TEXT_LENGTH_MAX
    ? `${text}\n… the first ${TEXT_LENGTH_MAX} of ${bytes.length} bytes`
    : text
}

/**
 * Undefined if it is no JSON, or too long to be parsed for a look at it.
 *
 * @param {Uint8Array} bytes
 */
export function asJson(bytes) {
  if (bytes.length > JSON_LENGTH_MAX) return undefined
  try {
    return JSON.stringify(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), null, 2)
  } catch {
    return undefined
  }
}

/** @param {Uint8Array} bytes */
export function asHex(bytes) {
  const lines = []
  for (let at = 0; at < Math.min(bytes.length, HEX_LENGTH_MAX); at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${digits.padEnd(47)}  ${letters}`)
  }
  if (bytes.length > HEX_LENGTH_MAX) lines.push(`… the first ${HEX_LENGTH_MAX} of ${bytes.length} bytes`)
  return lines.join('\n')
}

/** @param {Uint8Array} bytes */
export function isText(bytes) {
  try {
    return !/(?![\t\n\f\r])\p{Cc}/u.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return false
  }
}

const UNCOMPRESSED_LENGTH_MAX = 4 * 1024 * 1024
const TEXT_LENGTH_MAX = 128 * 1024
const JSON_LENGTH_MAX = 1024 * 1024
const HEX_LENGTH_MAX = 8 * 1024
