import { Command } from '../../request/command.js'
import type { Request } from '../../request/request.js'
import type { Answer } from './answers.js'
import { ANSWERED } from './verbs.js'

/** Nothing is to be carried out: the reply is known. Returns `next`, where the following line begins. */
export function answerWith(request: Request, answer: Answer, next: number): number {
  request.command = Command.NOOP
  request.opcode = ANSWERED
  request.answer = answer
  request.traits = 0
  return next
}
