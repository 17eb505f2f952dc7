import { expect } from 'chai'
import { ReplyError } from '../../../lib/protocol/client/client-codec.js'
import { isInStep, mayKeep } from '../../../lib/protocol/client/may-keep.js'
import { ReplyMessage } from '../../../lib/protocol/client/reply-message.js'
import { RequestError } from '../../../lib/protocol/client/request-error.js'
import { RequestMessage } from '../../../lib/protocol/client/request-message.js'
import { Command } from '../../../lib/request/command.js'
import { Status } from '../../../lib/request/status.js'

const withCode = (code: unknown) => Object.assign(new Error('some error'), { code })

describe('A connection may be kept after an error', () => {
  it('before anything was sent', () => {
    expect(mayKeep(new RequestError('no such request'))).equal(true)
    for (const code of ['BAD_KEY', 'BAD_VALUE', 'BAD_TTL', 'BAD_OPTION', 'BREAKER_OPEN', 'QUEUE_FULL'])
      expect(mayKeep(withCode(code)), code).equal(true)
  })

  it('that the server has sent', () => {
    for (const code of ['SERVER', 'TOO_LARGE', 'NOT_A_NUMBER', 'PARTIAL'])
      expect(mayKeep(withCode(code)), code).equal(true)
  })

  it('and not after one of the wire, of time, or of an unknown kind', () => {
    expect(mayKeep(new ReplyError('no reply', Buffer.alloc(1)))).equal(false)
    for (const code of ['TIMEOUT', 'ABORTED', 'CONNECTION', 'ECONNRESET', 'EPIPE', 'AUTH', 5, undefined])
      expect(mayKeep(withCode(code)), `${code}`).equal(false)
    for (const error of [new Error('plain'), undefined, null, 'SERVER', 5])
      expect(mayKeep(error)).equal(false)
  })
})

describe('A connection is in step after a reply', () => {
  const replyOf = (status: Status, opcode = -1): ReplyMessage =>
    Object.assign(new ReplyMessage(), { status, opcode })

  const requestOf = (command: Command, verb = ''): RequestMessage =>
    Object.assign(new RequestMessage(), { command, verb })

  it('unless the server has refused the line of a store: the value may be read as commands', () => {
    for (const status of [Status.INVALID_ARGUMENTS, Status.UNKNOWN_COMMAND, Status.BAD_DATA]) {
      for (const command of [Command.SET, Command.ADD, Command.REPLACE, Command.APPEND, Command.PREPEND])
        expect(isInStep(requestOf(command), replyOf(status))).equal(false)
      expect(isInStep(requestOf(Command.META_GET, 'ms'), replyOf(status))).equal(false)
    }
  })

  it('to other requests, and to stores that it has read', () => {
    expect(isInStep(requestOf(Command.GET), replyOf(Status.INVALID_ARGUMENTS))).equal(true)
    expect(isInStep(requestOf(Command.META_GET, 'mg'), replyOf(Status.INVALID_ARGUMENTS))).equal(true)
    for (const status of [Status.OK, Status.TOO_LARGE, Status.OUT_OF_MEMORY, Status.EXISTS])
      expect(isInStep(requestOf(Command.SET), replyOf(status))).equal(true)
  })

  it('of the binary protocol, whose requests have their length in front', () => {
    expect(isInStep(requestOf(Command.SET), replyOf(Status.INVALID_ARGUMENTS, 1))).equal(true)
  })
})
