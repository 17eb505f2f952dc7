import { isUtf8 } from 'node:buffer'

/** A key as text: two keys are two texts. One that is not UTF-8 has `\xHH` for its other bytes, any other one for a `\` before an `x`. */
export function keyText(key: Buffer): string {
  if (isUtf8(key)) return key.toString().replaceAll('\\x', '\\x5cx')
  return key
    .toString('latin1')
    .replace(UNPRINTABLE, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

const UNPRINTABLE = /[^!-[\]-~]/g
