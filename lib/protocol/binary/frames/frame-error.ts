/**
 * What is wrong with a frame. While reading:
 * - `WRONG_MAGIC`: it does not begin with 0x80 or 0x81, so this is not the binary protocol;
 * - `LENGTHS_DISAGREE`: extras and key are longer than the body that holds them;
 * - `BODY_TOO_LONG`: the body is longer than the reader accepts.
 *
 * While building and writing:
 * - `OUT_OF_RANGE`: a number or a length does not fit into its field;
 * - `UNKNOWN_NAME`: there is no such opcode or status, or the opcode has no such extra.
 */
export type FrameErrorCode =
  | 'WRONG_MAGIC'
  | 'LENGTHS_DISAGREE'
  | 'BODY_TOO_LONG'
  | 'OUT_OF_RANGE'
  | 'UNKNOWN_NAME'

/**
 * The only error that the frame functions throw. Its `code` is stable, its message is for people and may
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
