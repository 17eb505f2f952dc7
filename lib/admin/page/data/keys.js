/**
 * Keys and prefixes have any bytes. The server sends them as text, or in base64 if they are not UTF-8; here they are bytes, shown as
 * text without characters that are invisible or change the direction of writing.
 */

/**
 * @param {string | undefined} text
 * @param {string | undefined} base64
 */
export function bytesOf(text, base64) {
  if (text !== undefined) return new TextEncoder().encode(text)
  return Uint8Array.from(atob(base64 ?? ''), (letter) => letter.charCodeAt(0))
}

/** @param {Uint8Array} bytes */
export function shown(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(UNSEEN, escaped)
  } catch {
    return [...bytes]
      .map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : hex(byte)))
      .join('')
  }
}

/**
 * For an address: every byte that is no letter and no digit is percent-encoded.
 *
 * @param {Uint8Array} bytes
 */
export function encoded(bytes) {
  return [...bytes].map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `%${digits(byte)}`)).join('')
}

/** @param {string} text */
export function decoded(text) {
  const bytes = []
  for (let at = 0; at < text.length; at++) {
    const pair = /^%[0-9a-f]{2}/i.exec(text.slice(at, at + 3))
    bytes.push(pair ? Number.parseInt(text.slice(at + 1, at + 3), 16) : text.charCodeAt(at))
    if (pair) at += 2
  }
  return Uint8Array.from(bytes)
}

/** Browsers take these for folders, also percent-encoded, and ask for something else. */
export const isUnreachable = (/** @type {Uint8Array} */ key) => /^\.\.?$/.test(shown(key))

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu
const escaped = (/** @type {string} */ letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`
const digits = (/** @type {number} */ byte) => byte.toString(16).padStart(2, '0')
const hex = (/** @type {number} */ byte) => `\\x${digits(byte)}`
const isPlain = (/** @type {number} */ byte) => /[A-Za-z0-9]/.test(String.fromCharCode(byte))
