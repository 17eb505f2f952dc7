import { Command } from '../../request/command.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { ANSWERED, Outcomes } from './verbs.js'

/** Replies that the decoder knows, because the line is wrong, or because the command has no effect here. */
export const Answer = {
  NONE: 0,
  OK: 1,
  END: 2,
  RESET: 3,
  ERROR: 4,
  BAD_FORMAT: 5,
  BAD_EXPIRY: 6,
  BAD_DELTA: 7,
  DELETE_USAGE: 8,
  BAD_LINE: 9,
  DETAIL_USAGE: 10,
  ILLEGAL_SLAB: 11,
  BAD_SLEEP: 12,
  MEMORY_TOO_SMALL: 13,
  MEMORY_IN_BYTES: 14,
  TOO_MUCH_WARM: 15,
  BAD_FACTOR: 16,
  NO_SPARE_SLAB: 17,
  BAD_SLAB: 18,
  BAD_CLASS: 19,
  UNAUTHENTICATED: 20,
  BAD_LOGIN_FORMAT: 21,
  LOGIN_TOO_LONG: 22,
  BAD_LOGIN_END: 23,
  DUPLICATE_FLAG: 24,
  INVALID_FLAG: 25,
  BAD_TOKEN: 26,
  BAD_KEY: 27,
  LONG_OPAQUE: 28,
  BAD_STORE_MODE: 29,
  BAD_COUNT_MODE: 30,
  LONG_MODE: 31,
  BAD_INITIAL: 32,
  BAD_META_DELTA: 33,
  INVALID_OR_DUPLICATE: 34,
  TOO_MANY_FLAGS: 35,
  SAME_SLAB: 36,
} as const
export type Answer = (typeof Answer)[keyof typeof Answer]

/** The answers before and this one are no errors. */
const LAST_SUCCESS = Answer.RESET

/** There is nothing to run: the reply is known. What is refused counts as an error. Returns `next`, where the following line begins. */
export function answerWith(request: Request, answer: Answer, next: number): number {
  request.command = answer <= LAST_SUCCESS ? Command.NOOP : Command.UNKNOWN
  request.opcode = ANSWERED
  request.answer = answer
  request.traits = 0
  return next
}

/** memcached's texts, to the letter. */
export const ANSWERS: Readonly<Record<Answer, string>> = {
  [Answer.NONE]: '',
  [Answer.OK]: 'OK',
  [Answer.END]: 'END',
  [Answer.RESET]: 'RESET',
  [Answer.ERROR]: 'ERROR',
  [Answer.BAD_FORMAT]: 'CLIENT_ERROR bad command line format',
  [Answer.BAD_EXPIRY]: 'CLIENT_ERROR invalid exptime argument',
  [Answer.BAD_DELTA]: 'CLIENT_ERROR invalid numeric delta argument',
  [Answer.DELETE_USAGE]: 'CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]',
  [Answer.BAD_LINE]: 'CLIENT_ERROR bad command line',
  [Answer.DETAIL_USAGE]: 'CLIENT_ERROR usage: stats detail on|off|dump',
  [Answer.ILLEGAL_SLAB]: 'CLIENT_ERROR Illegal slab id',
  [Answer.BAD_SLEEP]: 'CLIENT_ERROR sleep must be one second or less',
  [Answer.MEMORY_TOO_SMALL]: 'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m',
  [Answer.MEMORY_IN_BYTES]: 'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes',
  [Answer.TOO_MUCH_WARM]: 'ERROR hot and warm pcts must not exceed 80',
  [Answer.BAD_FACTOR]: 'ERROR hot/warm age factors must be greater than 0',
  [Answer.NO_SPARE_SLAB]: 'NOSPARE source class has no spare pages',
  [Answer.SAME_SLAB]: 'SAME src and dst class are identical',
  [Answer.BAD_SLAB]: 'BADCLASS invalid src or dst class id',
  [Answer.BAD_CLASS]: 'BADCLASS invalid class id',
  [Answer.UNAUTHENTICATED]: 'CLIENT_ERROR unauthenticated',
  [Answer.BAD_LOGIN_FORMAT]: 'CLIENT_ERROR bad authentication token format',
  [Answer.LOGIN_TOO_LONG]: 'CLIENT_ERROR auth token too long',
  [Answer.BAD_LOGIN_END]: 'CLIENT_ERROR bad command line termination',
  [Answer.DUPLICATE_FLAG]: 'CLIENT_ERROR duplicate flag',
  [Answer.INVALID_FLAG]: 'CLIENT_ERROR invalid flag',
  [Answer.BAD_TOKEN]: 'CLIENT_ERROR bad token in command line format',
  [Answer.BAD_KEY]: 'CLIENT_ERROR error decoding key',
  [Answer.LONG_OPAQUE]: 'CLIENT_ERROR opaque token too long',
  [Answer.BAD_STORE_MODE]: 'CLIENT_ERROR invalid mode for ms M token',
  [Answer.BAD_COUNT_MODE]: 'CLIENT_ERROR invalid mode for ma M token',
  [Answer.LONG_MODE]: 'CLIENT_ERROR incorrect length for M token',
  [Answer.BAD_INITIAL]: 'CLIENT_ERROR invalid numeric initial value',
  [Answer.BAD_META_DELTA]: 'CLIENT_ERROR invalid numeric delta value',
  [Answer.INVALID_OR_DUPLICATE]: 'CLIENT_ERROR invalid or duplicate flag',
  [Answer.TOO_MANY_FLAGS]: 'CLIENT_ERROR options flags are too long',
}

/** The texts of every verb that has no others. */
const COMMON: Readonly<Record<Status, string>> = {
  [Status.OK]: 'OK',
  [Status.NOT_FOUND]: 'NOT_FOUND',
  [Status.EXISTS]: 'EXISTS',
  [Status.TOO_LARGE]: 'SERVER_ERROR object too large for cache',
  [Status.INVALID_ARGUMENTS]: 'CLIENT_ERROR bad command line format',
  [Status.NOT_STORED]: 'NOT_STORED',
  [Status.NOT_A_NUMBER]: 'CLIENT_ERROR cannot increment or decrement non-numeric value',
  [Status.UNAUTHENTICATED]: 'CLIENT_ERROR unauthenticated',
  [Status.CONTINUE]: 'ERROR',
  [Status.UNKNOWN_COMMAND]: 'ERROR',
  [Status.OUT_OF_MEMORY]: 'SERVER_ERROR out of memory storing object',
  [Status.BAD_DATA]: 'CLIENT_ERROR bad data chunk',
  [Status.TEMPORARY_FAILURE]: 'SERVER_ERROR temporary failure',
  [Status.INTERNAL_ERROR]: 'SERVER_ERROR internal error',
}

const CHANGES_OFF = 'SERVER_ERROR changes are off (--changes)'

const STORED = { [Status.OK]: 'STORED' }

/** The texts for the results of a command. */
export const OUTCOMES: Readonly<Record<Outcomes, Readonly<Record<Status, string>>>> = {
  [Outcomes.DONE]: { ...COMMON, [Status.NOT_FOUND]: 'ERROR' },
  [Outcomes.STORE]: {
    ...COMMON,
    ...STORED,
    [Status.EXISTS]: 'NOT_STORED',
    [Status.NOT_FOUND]: 'NOT_STORED',
  },
  [Outcomes.CAS]: { ...COMMON, ...STORED },
  [Outcomes.DELETE]: { ...COMMON, [Status.OK]: 'DELETED' },
  [Outcomes.TOUCH]: { ...COMMON, [Status.OK]: 'TOUCHED' },
  [Outcomes.COUNT]: { ...COMMON, [Status.OUT_OF_MEMORY]: 'SERVER_ERROR out of memory' },
  [Outcomes.FLUSH]: { ...COMMON, [Status.UNAUTHENTICATED]: 'CLIENT_ERROR flush_all not allowed' },
  [Outcomes.FLUSH_PREFIX]: {
    ...COMMON,
    [Status.UNAUTHENTICATED]: 'CLIENT_ERROR flush_prefix not allowed',
  },
  [Outcomes.MEMORY]: {
    ...COMMON,
    [Status.INVALID_ARGUMENTS]: 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust',
  },
  [Outcomes.SHUTDOWN]: {
    ...COMMON,
    [Status.UNAUTHENTICATED]: 'SERVER_ERROR: shutdown not enabled',
    [Status.INVALID_ARGUMENTS]: 'CLIENT_ERROR invalid shutdown mode',
  },
  [Outcomes.LOGIN]: { ...COMMON, ...STORED, [Status.UNAUTHENTICATED]: 'CLIENT_ERROR authentication failure' },
  [Outcomes.NOOP]: { ...COMMON, [Status.OK]: 'MN' },
  [Outcomes.WATCH]: {
    ...COMMON,
    [Status.UNAUTHENTICATED]: 'CLIENT_ERROR watch commands not allowed',
    [Status.INVALID_ARGUMENTS]: 'ERROR',
    [Status.UNKNOWN_COMMAND]: CHANGES_OFF,
    [Status.OUT_OF_MEMORY]: 'WATCHER_TOO_MANY log watcher limit reached',
  },
  [Outcomes.WAIT]: {
    ...COMMON,
    [Status.UNKNOWN_COMMAND]: CHANGES_OFF,
    [Status.OUT_OF_MEMORY]: 'SERVER_ERROR too many connections wait',
  },
}
