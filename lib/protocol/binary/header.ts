/**
 * The header of every binary request and reply. Numbers are big-endian.
 *
 *       0        1        2        3        4        5        6        7
 *     ┌────────┬────────┬─────────────────┬────────┬────────┬─────────────────┐
 *   0 │ magic  │ opcode │ key length      │ extras │ data   │ vbucket: request│
 *     │        │        │                 │ length │ type   │ status: reply   │
 *     ├────────┴────────┴─────────────────┼────────┴────────┴─────────────────┤
 *   8 │ body length: extras + key + value │ opaque: returned as it was sent   │
 *     ├───────────────────────────────────┴───────────────────────────────────┤
 *  16 │ cas                                                                   │
 *     ├────────────────┬───────────────────────┬──────────────────────────────┤
 *  24 │ extras         │ key                   │ value                        │
 *     └────────────────┴───────────────────────┴──────────────────────────────┘
 *
 * This table defines the header: the coders of the hot path read by the offsets below, the reference codec
 * (frame.ts) builds its parser and its writer from the rows.
 */
export const HEADER_FIELDS = [
  { name: 'magic', bytes: 1 },
  { name: 'opcode', bytes: 1 },
  { name: 'keyLength', bytes: 2 },
  { name: 'extrasLength', bytes: 1 },
  { name: 'dataType', bytes: 1 },
  { name: 'vbucketOrStatus', bytes: 2 },
  { name: 'bodyLength', bytes: 4 },
  { name: 'opaque', bytes: 4 },
  { name: 'cas', bytes: 8 },
] as const

export type HeaderField = (typeof HEADER_FIELDS)[number]['name']

/** Where a field begins. */
function offsetOf(name: HeaderField): number {
  let offset = 0
  for (const field of HEADER_FIELDS) {
    if (field.name === name) return offset
    offset += field.bytes
  }
  return offset
}

export const MAGIC = offsetOf('magic')
export const OPCODE = offsetOf('opcode')
export const KEY_LENGTH = offsetOf('keyLength')
export const EXTRAS_LENGTH = offsetOf('extrasLength')
export const DATA_TYPE = offsetOf('dataType')
export const STATUS = offsetOf('vbucketOrStatus')
export const BODY_LENGTH = offsetOf('bodyLength')
export const OPAQUE = offsetOf('opaque')
export const CAS = offsetOf('cas')
export const HEADER_LENGTH = HEADER_FIELDS.reduce((sum, field) => sum + field.bytes, 0)

export const REQUEST_MAGIC = 0x80
export const REPLY_MAGIC = 0x81
