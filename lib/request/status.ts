/** The result of a request. Each protocol has its own word or number for each. */
export const Status = {
  OK: 0,
  NOT_FOUND: 1,
  /** The key exists already, or its cas differs. */
  EXISTS: 2,
  TOO_LARGE: 3,
  INVALID_ARGUMENTS: 4,
  NOT_STORED: 5,
  NOT_A_NUMBER: 6,
  UNAUTHENTICATED: 7,
  /** The SASL exchange needs one more step; or the request waits, and has no reply yet. */
  CONTINUE: 8,
  UNKNOWN_COMMAND: 9,
  OUT_OF_MEMORY: 10,
  /** The value did not end at its length. */
  BAD_DATA: 11,
  /** The change could not be kept: the disk has failed. */
  TEMPORARY_FAILURE: 12,
  /** A defect of this server: the request failed. */
  INTERNAL_ERROR: 13,
} as const

export type Status = (typeof Status)[keyof typeof Status]
