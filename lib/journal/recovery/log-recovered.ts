import type { Recovered } from './recovery.js'

/** Writes to the log what recovery has found, cut off and left out. */
export function logRecovered(
  { torn, itemCount, byteLength, milliseconds, leftOutCount }: Recovered,
  log: (level: number, message: string) => void,
): void {
  for (const { name, offset, length } of torn)
    log(0, `${name}: its last ${length} bytes, from ${offset} on, were never finished and have been cut off`)
  if (leftOutCount > 0)
    log(0, `the memory is too small for all items: ${leftOutCount} times one was left out or evicted`)
  if (byteLength > 0) log(1, `${itemCount} items are back, from ${byteLength} bytes in ${milliseconds} ms`)
}
