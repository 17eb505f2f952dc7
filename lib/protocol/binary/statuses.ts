import { Status } from '../../request/status.js'

export interface BinaryStatus {
  readonly code: number
  /** The body of an error reply, for people. */
  readonly text: string
}

/** The code and text of each status. */
export const STATUSES: Readonly<Record<Status, BinaryStatus>> = {
  [Status.OK]: { code: 0x00, text: '' },
  [Status.NOT_FOUND]: { code: 0x01, text: 'Not found' },
  [Status.EXISTS]: { code: 0x02, text: 'Data exists for key.' },
  [Status.TOO_LARGE]: { code: 0x03, text: 'Too large.' },
  [Status.INVALID_ARGUMENTS]: { code: 0x04, text: 'Invalid arguments' },
  [Status.NOT_STORED]: { code: 0x05, text: 'Not stored.' },
  [Status.NOT_A_NUMBER]: { code: 0x06, text: 'Non-numeric server-side value for incr or decr' },
  [Status.UNAUTHENTICATED]: { code: 0x20, text: 'Auth failure.' },
  [Status.CONTINUE]: { code: 0x21, text: '' },
  [Status.UNKNOWN_COMMAND]: { code: 0x81, text: 'Unknown command' },
  [Status.BAD_DATA]: { code: 0x04, text: 'Invalid arguments' },
  [Status.OUT_OF_MEMORY]: { code: 0x82, text: 'Out of memory' },
  [Status.INTERNAL_ERROR]: { code: 0x84, text: 'Internal error' },
  [Status.TEMPORARY_FAILURE]: { code: 0x86, text: 'Temporary failure' },
}
