/**
 * For a module that is preloaded into a server: answers whenever the bench sends a message. The first message, which goes
 * the other way, says that there is someone to ask.
 */
export function answerBench(answer: () => unknown): void {
  process.on('message', () => process.send?.(answer()))
  // The channel must not keep a server alive that wants to end.
  process.channel?.unref()
  process.send?.('ready')
}
