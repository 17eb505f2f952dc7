import type { Output } from '../../../net/codecs/output.js'
import { Command } from '../../../request/command.js'
import { RequestError } from '../../client/request-error.js'
import type { MessageKey, RequestMessage } from '../../client/request-message.js'
import {
  checked,
  UINT32_MAX,
  WORD_ROOM,
  writeInteger,
  writeUint32,
  writeUint64,
  writeValueLine,
} from '../../client/write-request.js'
import { encodeRequest as encodeText } from '../../text/client/encode-request.js'
import { LINE_END_LENGTH, writeLineEnd, writeText } from '../../write.js'
import { BASE64_FLAG, wireKeyRoom, writeWireKey } from './encode-raw.js'

/** How a command is said in meta. */
interface Row {
  readonly verb: string
  /** Flags that it always has. */
  readonly flags: string
  readonly numbers: Numbers
  /** Whether its reply can tell the cas. */
  readonly tellsCas: boolean
}

/** The numbers of the request that are sent. */
type Numbers = 'none' | 'expiry' | 'item' | 'appended' | 'counter'

const row = (verb: string, flags: string, numbers: Numbers, tellsCas: boolean): Row => ({
  verb: `${verb} `,
  flags,
  numbers,
  tellsCas,
})

const ROWS: { readonly [command in Command]?: Row } = {
  [Command.GET]: row('mg', ' v f', 'none', true),
  [Command.GET_AND_TOUCH]: row('mg', ' v f', 'expiry', true),
  [Command.TOUCH]: row('mg', '', 'expiry', true),
  [Command.SET]: row('ms', '', 'item', true),
  [Command.ADD]: row('ms', ' ME', 'item', true),
  [Command.REPLACE]: row('ms', ' MR', 'item', true),
  [Command.APPEND]: row('ms', ' MA', 'appended', true),
  [Command.PREPEND]: row('ms', ' MP', 'appended', true),
  [Command.DELETE]: row('md', '', 'none', false),
  [Command.INCREMENT]: row('ma', ' v', 'counter', true),
  [Command.DECREMENT]: row('ma', ' v MD', 'counter', true),
}
const BY_COMMAND: readonly (Row | undefined)[] = Object.values(Command).map((command) => ROWS[command])

/** Writes a request as a client sends it: see `Codec.encode`. What has no meta command is sent as text. */
export function encodeRequest(request: RequestMessage, output: Output): void {
  const { command, keys } = request
  const row = BY_COMMAND[command]
  if (keys !== undefined && request.wantsTextBatch) encodeText(request, output)
  else if (keys !== undefined) encodeBatch(row, request, keys, output)
  else if (row !== undefined) encodeLine(row, request, request.key, request.opaque, output)
  else if (command === Command.NOOP) output.writeAscii(NOOP)
  else encodeText(request, output)
}

/** Whether the request is one that meta has no command for, or a batch that is to be sent in text. */
export function isSentAsText({ command, keys, wantsTextBatch }: RequestMessage): boolean {
  if (keys !== undefined) return wantsTextBatch
  return BY_COMMAND[command] === undefined && command !== Command.NOOP
}

const NOOP = 'mn\r\n'

/** A quiet get for each key, numbered, and `mn`: the server replies to those that it finds, and `MN`. */
function encodeBatch(
  row: Row | undefined,
  request: RequestMessage,
  keys: readonly MessageKey[],
  output: Output,
): void {
  const { command, opaque } = request
  if (row === undefined || (command !== Command.GET && command !== Command.GET_AND_TOUCH)) {
    throw new RequestError('only gets have several keys')
  }
  checked(opaque + keys.length, opaque >= 0 && opaque + keys.length <= UINT32_MAX)
  for (let index = 0; index < keys.length; index++) {
    encodeLine(row, request, keys[index]!, opaque + index, output)
  }
  output.writeAscii(NOOP)
}

/** `verb key [length] flag …`, and the value. */
function encodeLine(
  row: Row,
  request: RequestMessage,
  key: MessageKey,
  opaque: number,
  output: Output,
): void {
  const { isBase64Key, value } = request
  const { numbers } = row
  const hasValue = numbers === 'item' || numbers === 'appended'
  output.ensure(LINE_ROOM + wireKeyRoom(key, isBase64Key))
  const { bytes } = output
  let at = writeWireKey(bytes, writeText(bytes, output.end, row.verb), key, isBase64Key)
  if (hasValue) {
    bytes[at] = SPACE
    at = writeInteger(bytes, at + 1, value.length)
  }
  if (isBase64Key) at = writeText(bytes, at, BASE64_FLAG)
  at = writeText(bytes, at, row.flags)
  if (numbers !== 'none') at = writeNumbers(bytes, at, numbers, request)
  at = writeCas(bytes, at, row, request)
  if (request.wantsKey) at = writeLetter(bytes, at, KEY)
  const isBatch = request.keys !== undefined
  if (opaque !== 0 || isBatch) at = writeUint32(bytes, writeLetter(bytes, at, OPAQUE), opaque)
  if (request.isQuiet || isBatch) at = writeLetter(bytes, at, QUIET)
  output.end = writeLineEnd(bytes, at)
  if (hasValue) writeValueLine(output, value)
}

function writeNumbers(bytes: Buffer, start: number, numbers: Numbers, request: RequestMessage): number {
  const { expiry, clientFlags, delta, initial } = request
  switch (numbers) {
    case 'expiry':
      return writeInteger(bytes, writeLetter(bytes, start, EXPIRY), expiry)
    case 'item': {
      let at = start
      if (clientFlags !== 0) at = writeUint32(bytes, writeLetter(bytes, at, CLIENT_FLAGS), clientFlags)
      return expiry === 0 ? at : writeInteger(bytes, writeLetter(bytes, at, EXPIRY), expiry)
    }
    case 'counter': {
      const at = writeUint64(bytes, writeLetter(bytes, start, DELTA), delta)
      if (initial === undefined) return at
      const created = writeInteger(bytes, writeLetter(bytes, at, CREATED), expiry)
      return writeUint64(bytes, writeLetter(bytes, created, INITIAL), initial)
    }
    default:
      return start
  }
}

/** The cas that the item must have, unless the command only reads; and whether the reply tells its cas. */
function writeCas(bytes: Buffer, start: number, { verb, tellsCas }: Row, request: RequestMessage): number {
  const { cas } = request
  let at = start
  if (cas !== 0n && verb !== GET_VERB) at = writeUint64(bytes, writeLetter(bytes, at, NAMED_CAS), cas)
  return request.wantsCas && tellsCas ? writeLetter(bytes, at, CAS) : at
}

const GET_VERB = ROWS[Command.GET]!.verb

function writeLetter(bytes: Buffer, at: number, letter: number): number {
  bytes[at] = SPACE
  bytes[at + 1] = letter
  return at + 2
}

const code = (letter: string): number => letter.charCodeAt(0)

const SPACE = code(' ')
const CAS = code('c')
const KEY = code('k')
const QUIET = code('q')
const NAMED_CAS = code('C')
const DELTA = code('D')
const CLIENT_FLAGS = code('F')
const INITIAL = code('J')
const CREATED = code('N')
const OPAQUE = code('O')
const EXPIRY = code('T')
/** For the verb, its own flags, seven numbers at most, and the end of the line. */
const LINE_ROOM = 16 + 7 * WORD_ROOM + LINE_END_LENGTH
