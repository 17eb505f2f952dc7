import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const DEVICE = '/dev/urandom'

/**
 * Random bytes that nobody can guess. They come from the system's device where there is one: in a server without TLS and logins
 * nothing else needs `node:crypto`, which takes 1 to 4 MB (scripts/bench/lean.ts). A simulation replaces `fill`.
 */
export const randomSource = {
  fill(bytes: Uint8Array): void {
    if (!fillFromDevice(bytes)) crypto.getRandomValues(bytes)
  },
}

/** False where there is no such device, or a file in its place. */
function fillFromDevice(bytes: Uint8Array): boolean {
  let device: number
  try {
    device = openSync(DEVICE, 'r')
  } catch {
    return false
  }
  try {
    return fstatSync(device).isCharacterDevice() && readSync(device, bytes) === bytes.length
  } catch {
    return false
  } finally {
    closeSync(device)
  }
}
