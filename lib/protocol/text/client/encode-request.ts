import type { Output } from '../../../net/codecs/output.js'
import { Command } from '../../../request/command.js'
import { RequestError } from '../../client/request-error.js'
import type { MessageKey, RequestMessage } from '../../client/request-message.js'
import {
  keyRoom,
  WORD_ROOM,
  writeInteger,
  writeKey,
  writeUint32,
  writeUint64,
  writeValueLine,
} from '../../client/write-request.js'
import { encodeRaw } from '../../meta/client/encode-raw.js'
import { LINE_END_LENGTH, writeLineEnd, writeText } from '../../write.js'
import { Shape, VERBS, type Verb } from '../verbs.js'

/** Writes a request as a client sends it: see `Codec.encode`. */
export function encodeRequest(request: RequestMessage, output: Output): void {
  const { command } = request
  if (command === Command.META_GET) encodeRaw(request, output)
  else if (command === Command.LOG_IN) encodeLogin(request, output)
  else encodeVerb(verbFor(request), request, output)
}

function encodeVerb(verb: Verb, request: RequestMessage, output: Output): void {
  if (request.isQuiet) throw new RequestError('the text protocol has no quiet requests with errors')
  if (request.isBase64Key) throw new RequestError('the text protocol has no keys in base64')
  switch (verb.shape) {
    case Shape.KEYS:
    case Shape.TOUCHED_KEYS:
      encodeKeys(verb, request, output)
      return
  }
  if (request.keys !== undefined) throw new RequestError('only gets have several keys')
  switch (verb.shape) {
    case Shape.VALUE:
    case Shape.VALUE_WITH_CAS:
      encodeStore(verb, request, output)
      return
    default:
      encodeWords(verb, request, output)
  }
}

/** `verb [expiry] key …` */
function encodeKeys({ name, shape }: Verb, request: RequestMessage, output: Output): void {
  const { keys, key } = request
  if (keys !== undefined && keys.length === 0) throw new RequestError('a text request without keys')
  let room = VERB_ROOM + WORD_ROOM + LINE_END_LENGTH
  if (keys === undefined) room += 1 + keyRoom(key)
  else for (let index = 0; index < keys.length; index++) room += 1 + keyRoom(keys[index]!)
  output.ensure(room)
  const { bytes } = output
  let at = writeText(bytes, output.end, name)
  if (shape === Shape.TOUCHED_KEYS) at = writeInteger(bytes, writeSpace(bytes, at), request.expiry)
  if (keys === undefined) at = writeKeyWord(bytes, at, key)
  else for (let index = 0; index < keys.length; index++) at = writeKeyWord(bytes, at, keys[index]!)
  output.end = writeLineEnd(bytes, at)
}

/** `verb key clientFlags expiry length [cas]`, and the value. */
function encodeStore({ name, shape }: Verb, request: RequestMessage, output: Output): void {
  const { key, value } = request
  output.ensure(VERB_ROOM + keyRoom(key) + 4 * WORD_ROOM + LINE_END_LENGTH)
  const { bytes } = output
  let at = writeKeyWord(bytes, writeText(bytes, output.end, name), key)
  at = writeUint32(bytes, writeSpace(bytes, at), request.clientFlags)
  at = writeInteger(bytes, writeSpace(bytes, at), request.expiry)
  at = writeInteger(bytes, writeSpace(bytes, at), value.length)
  if (shape === Shape.VALUE_WITH_CAS) at = writeUint64(bytes, writeSpace(bytes, at), request.cas)
  output.end = writeLineEnd(bytes, at)
  writeValueLine(output, value)
}

/** The other lines: `verb [word …]`. */
function encodeWords({ name, command, shape }: Verb, request: RequestMessage, output: Output): void {
  const { key, expiry, delta } = request
  output.ensure(VERB_ROOM + keyRoom(key) + WORD_ROOM + LINE_END_LENGTH)
  const { bytes } = output
  let at = writeText(bytes, output.end, name)
  if (shape === Shape.DELETE || shape === Shape.COUNT || shape === Shape.TOUCH || shape === Shape.PREFIX) {
    at = writeKeyWord(bytes, at, key)
  }
  if (shape === Shape.COUNT || command === Command.VERBOSITY) {
    if (request.initial !== undefined) throw new RequestError('the text protocol creates no counters')
    at = writeUint64(bytes, writeSpace(bytes, at), delta)
  } else if (shape === Shape.TOUCH || (command === Command.FLUSH && expiry !== 0)) {
    at = writeInteger(bytes, writeSpace(bytes, at), expiry)
  } else if (command === Command.STATS && key.length > 0) {
    at = writeKeyWord(bytes, at, key)
  }
  output.end = writeLineEnd(bytes, at)
}

/** A login looks like a set; its words are ignored. The value is `user password`. */
function encodeLogin({ value }: RequestMessage, output: Output): void {
  output.ensure(LOGIN.length + WORD_ROOM + LINE_END_LENGTH)
  const { bytes } = output
  const at = writeInteger(bytes, writeText(bytes, output.end, LOGIN), value.length)
  output.end = writeLineEnd(bytes, at)
  writeValueLine(output, value)
}

const LOGIN = 'set login 0 0 '

function writeSpace(bytes: Buffer, at: number): number {
  bytes[at] = SPACE
  return at + 1
}

const writeKeyWord = (bytes: Buffer, at: number, key: MessageKey): number =>
  writeKey(bytes, writeSpace(bytes, at), key)

const SPACE = 0x20
const VERB_ROOM = 16

/** The first verb of each command, without and with a cas. */
const PLAIN_VERBS = Object.values(Command).map((command) => verbOf(command, false))
const CAS_VERBS = Object.values(Command).map((command) => verbOf(command, true))

function verbOf(command: Command, wantsCas: boolean): Verb | undefined {
  // Every server replies to this one: `mn` is known only since 1.6.
  if (command === Command.NOOP) return wantsCas ? undefined : verbOf(Command.VERSION, false)
  return VERBS.find(
    (verb) =>
      verb.command === command &&
      verb.shape !== Shape.META &&
      verb.shape !== Shape.META_VALUE &&
      (verb.wantsCas || verb.shape === Shape.VALUE_WITH_CAS) === wantsCas,
  )
}

/** Only gets return a cas, and only a set has one that the item must have. */
function verbFor({ command, wantsCas, cas }: RequestMessage): Verb {
  const isGet = command === Command.GET || command === Command.GET_AND_TOUCH
  const hasCas = isGet ? wantsCas : cas !== 0n
  const verb = (hasCas ? CAS_VERBS : PLAIN_VERBS)[command]
  if (verb === undefined) {
    throw new RequestError(`the text protocol has no such request${hasCas ? ' with a cas' : ''}`)
  }
  return verb
}
