import { isUtf8 } from 'node:buffer'

/** A key as text. One that is not UTF-8 has `\xHH` for its other bytes, so that two keys are two texts. */
export function keyText(key: Buffer): string {
  if (isUtf8(key)) return key.toString()
  return key
    .toString('latin1')
    .replace(UNPRINTABLE, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

const UNPRINTABLE = /[^!-[\]-~]/g
