/** The slot of a key in a cluster: CRC16 of the key, or of the part between the first { and the next } if that is not empty. */
export function keySlot(key: Uint8Array): number {
  const open = key.indexOf(OPENING)
  const close = open < 0 ? -1 : key.indexOf(CLOSING, open + 1)
  const hasTag = close > open + 1
  const start = hasTag ? open + 1 : 0
  const end = hasTag ? close : key.length
  let crc = 0
  for (let at = start; at < end; at++) crc = ((crc << 8) ^ TABLE[((crc >> 8) ^ key[at]!) & 0xff]!) & 0xffff
  return crc % SLOT_COUNT
}

export const SLOT_COUNT = 16384

const OPENING = 0x7b
const CLOSING = 0x7d
/** Of CRC-16/XMODEM. */
const POLYNOMIAL = 0x1021

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  return crc & 0xffff
})
