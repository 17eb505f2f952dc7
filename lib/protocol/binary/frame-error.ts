/**
 * What is wrong with a frame. While reading:
 * - `WRONG_MAGIC`: it does not begin with 0x80 or 0x81, so this is not the binary protocol;
 * - `LENGTHS_DISAGREE`: extras and key are longer than the body that holds them;
 * - `BODY_TOO_LONG`: the body is longer than the reader was told to accept.
 *
 * While building and writing:
 * - `OUT_OF_RANGE`: a number or a length does not fit into its field;
 * - `UNKNOWN_NAME`: no opcode or status is called that, or the opcode has no such extra.
 */
export type FrameErrorCode =
  | 'WRONG_MAGIC'
  | 'LENGTHS_DISAGREE'
  | 'BODY_TOO_LONG'
  | 'OUT_OF_RANGE'
  | 'UNKNOWN_NAME'

/**
 * The one kind of error that the frame functions throw. Its `code` stays, its message is for people and may
 * change.
 */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  readonly code: FrameErrorCode

  constructor(code: FrameErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
