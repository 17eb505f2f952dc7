/** How a request ended. Each protocol has its own word or number for each. */
export const Status = {
  OK: 0,
  NOT_FOUND: 1,
  /** The key is there already, or its cas is another. */
  EXISTS: 2,
  TOO_LARGE: 3,
  INVALID_ARGUMENTS: 4,
  NOT_STORED: 5,
  NOT_A_NUMBER: 6,
  UNAUTHENTICATED: 7,
  /** One more step of the SASL exchange is wanted. */
  CONTINUE: 8,
  UNKNOWN_COMMAND: 9,
  OUT_OF_MEMORY: 10,
  /** The value did not end where it was said to. */
  BAD_DATA: 11,
  /** What is stored could not be kept: the disk has failed. */
  TEMPORARY_FAILURE: 12,
  /** A defect of this server: the request was given up. */
  INTERNAL_ERROR: 13,
} as const

export type Status = (typeof Status)[keyof typeof Status]
