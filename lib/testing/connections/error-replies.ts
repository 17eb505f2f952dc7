import {
  BODY_LENGTH,
  HEADER_LENGTH,
  MAGIC,
  OPAQUE,
  OPCODE,
  REPLY_MAGIC,
  STATUS,
} from '../../protocol/binary/header.js'
import { OUTCOMES } from '../../protocol/text/answers.js'
import { Outcomes } from '../../protocol/text/verbs.js'
import { Command } from '../../request/command.js'
import { ABOUT_ITEMS } from '../../request/command-groups.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'

/** An error of the binary protocol that no command of this server has. */
export function binaryError(request: Request, code: number, text: string): Buffer {
  const frame = Buffer.alloc(HEADER_LENGTH + text.length)
  frame[MAGIC] = REPLY_MAGIC
  frame[OPCODE] = request.opcode
  frame.writeUInt16BE(code, STATUS)
  frame.writeUInt32BE(text.length, BODY_LENGTH)
  frame.writeInt32BE(request.opaque | 0, OPAQUE)
  frame.write(text, HEADER_LENGTH, 'latin1')
  return frame
}

/** The same in the text protocols. */
export const lineError = (text: string): Buffer => Buffer.from(`SERVER_ERROR ${text.toLowerCase()}\r\n`)

/** The line of an error that the encoder of the text protocol would not write; undefined if it would. */
export function lineForStatus(command: Command, status: Status): Buffer | undefined {
  if (isTextGet(command) ? status === Status.NOT_FOUND : isEncoded(command, status)) return undefined
  return Buffer.from(`${OUTCOMES[Outcomes.CAS][status]}\r\n`)
}

/** Commands that are not about items have no errors, or one that says something else: `flush_all not allowed`. */
function isEncoded(command: Command, status: Status): boolean {
  if (command === Command.META_WAIT) return OUTCOMES[Outcomes.WAIT][status] === OUTCOMES[Outcomes.CAS][status]
  return ABOUT_ITEMS.has(command) || command === Command.LOG_IN
}

/** One key of a line that may have more. A get of the meta protocol is another command. */
export const isTextGet = (command: Command): boolean =>
  command === Command.GET || command === Command.GET_AND_TOUCH
