/** What the keeper asks of a journal, wherever that runs. */
export interface KeptJournal {
  /** To be called every second. */
  tick(): void
  /** Goes on in a file of another generation. Rejects when the disk fails. */
  rotate(generation: number): Promise<void>
  /** Fulfilled once everything that has been recorded is on disk. */
  sync(): Promise<void>
  /** A snapshot holds everything: changes are taken again. */
  resume(): Promise<void>
  /** Fails as when the disk does: it is not to be written to any more. */
  fail(error: Error): void
  /** What it was granted has changed, or changes are refused: those who wait for room learn of it. */
  roomChanged(): void
  /** Says that it ends in order. */
  close(): Promise<void>
  /** Why it refuses changes. */
  readonly error: Error | undefined
  /** Length of the file that is written to. */
  readonly fileLength: number
}
