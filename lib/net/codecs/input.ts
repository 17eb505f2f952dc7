/**
 * Received bytes that are not decoded yet.
 *
 *     bytes  ┌─────────────┬──────────────────────┬──────────────┐
 *            │ decoded     │ to be decoded        │ free         │
 *            └─────────────┴──────────────────────┴──────────────┘
 *                          ▲ start                ▲ end
 */
export class Input {
  bytes: Buffer
  start = 0
  end = 0
  /**
   * A decoder that knows how long its message is sets this to the length, counted from `start`. The decoder is not called
   * again before so many bytes are there.
   */
  neededLength = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}
