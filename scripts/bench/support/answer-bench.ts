/**
 * For a module that is preloaded into a server: replies to each message of the bench. Its first message shows the bench that
 * the module is ready.
 */
export function answerBench(answer: () => unknown): void {
  process.on('message', () => process.send?.(answer()))
  // The channel must not keep the server alive.
  process.channel?.unref()
  process.send?.('ready')
}
