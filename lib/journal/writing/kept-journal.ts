/** The keeper's interface to a journal, in the same or another thread. */
export interface KeptJournal {
  /** Called every second. */
  tick(): void
  /**
   * Switches to a file of another generation, in the directory of this identity. Rejects if the disk fails, or if another
   * directory is in its place.
   */
  rotate(generation: number, identity: string): Promise<void>
  /** Resolves once everything recorded is on disk. */
  sync(): Promise<void>
  /** A snapshot has everything: changes are accepted again. */
  resume(): Promise<void>
  /** Fails as when the disk does: nothing may be written to it any more. */
  fail(error: Error): void
  /** Its grant has changed, or changes are refused: requests that wait for room are notified. */
  roomChanged(): void
  /** Records a clean end. */
  close(): Promise<void>
  /** Why it refuses changes. */
  readonly error: Error | undefined
  /** Length of the current file. */
  readonly fileLength: number
}
