/** Bytes of which each differs from its neighbours and no range is like another. The seed selects others. */
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let index = 0, state = seed; index < length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[index] = state >>> 16
  }
  return bytes
}
