import { REPLY_MAGIC, REQUEST_MAGIC } from '../header.js'
import type { Frame, ReplyFrame, RequestFrame } from './frame.js'
import { FrameError } from './frame-error.js'
import { type ExtraNumbers, encodeExtras } from './frame-extras.js'
import { opcodeCode, type StatusName, statusCode } from './frame-names.js'

/** The fields of a frame; missing ones are empty or 0. A string is encoded as UTF-8. */
interface FrameContent {
  readonly key?: string | Uint8Array | undefined
  readonly value?: string | Uint8Array | undefined
  /** Numbers by name are written in the opcode's layout. Bytes are used unchanged, wrong ones too. */
  readonly extras?: ExtraNumbers | Uint8Array | undefined
  readonly opaque?: number | undefined
  readonly cas?: bigint | undefined
  readonly dataType?: number | undefined
}

export interface RequestContent extends FrameContent {
  readonly vbucket?: number | undefined
}

export interface ReplyContent extends FrameContent {
  /** A name, such as `NOT_FOUND`, or a code; `OK` by default. */
  readonly status?: StatusName | number | undefined
}

/**
 * A request, by the name of its opcode, such as `set` or `getkq`, or by the opcode. Does not check whether it should
 * have a key or a value: wrong requests can be built as well. Throws a FrameError for an unknown name.
 */
export function request(opcode: string | number, content: RequestContent = {}): RequestFrame {
  return { magic: REQUEST_MAGIC, vbucket: content.vbucket ?? 0, ...partsOf(REQUEST_MAGIC, opcode, content) }
}

/** A reply, in the same way. */
export function reply(opcode: string | number, content: ReplyContent = {}): ReplyFrame {
  const status = codeOf('status', content.status ?? 'OK', statusCode)
  return { magic: REPLY_MAGIC, status, ...partsOf(REPLY_MAGIC, opcode, content) }
}

function partsOf(magic: Frame['magic'], opcode: string | number, content: FrameContent) {
  const code = codeOf('opcode', opcode, opcodeCode)
  const { extras = {} } = content
  return {
    opcode: code,
    dataType: content.dataType ?? 0,
    opaque: content.opaque ?? 0,
    cas: content.cas ?? 0n,
    extras: extras instanceof Uint8Array ? bytesOf(extras) : encodeExtras(magic, code, extras),
    key: bytesOf(content.key ?? ''),
    value: bytesOf(content.value ?? ''),
  }
}

function codeOf(
  kind: string,
  name: string | number,
  codeByName: (name: string) => number | undefined,
): number {
  const code = typeof name === 'number' ? name : codeByName(name)
  if (code === undefined) throw new FrameError('UNKNOWN_NAME', `there is no ${kind} '${name}'`)
  return code
}

/** Bytes are not copied: encodeFrame does that. */
function bytesOf(bytes: string | Uint8Array): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
