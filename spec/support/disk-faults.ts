/**
 * Preloaded into a server: while there is a file of the name that DISK_FAULT gives, no thread that the file names can
 * write or sync. The file holds the number of a worker, or `all`, which includes the thread that started the server.
 */
import fs from 'node:fs'
import { workerData } from 'node:worker_threads'

/** The module to preload. */
export const DISK_FAULTS = import.meta.url

type Call = (...given: unknown[]) => unknown

const sign = process.env['DISK_FAULT']
const { readFileSync } = fs

function isBroken(): boolean {
  try {
    const who = readFileSync(sign!, 'utf8')
    return who === 'all' || who === `${workerData?.workerSlot?.worker}`
  } catch {
    return false
  }
}

const fault = () => Object.assign(new Error('EIO: a fault made for a spec'), { code: 'EIO' })

if (sign !== undefined) {
  const calls = fs as unknown as Record<string, Call>
  for (const name of ['writeSync', 'fdatasyncSync']) {
    const call = calls[name]!
    calls[name] = (...given) => {
      if (isBroken()) throw fault()
      return call(...given)
    }
  }
  for (const name of ['write', 'writev', 'fdatasync']) {
    const call = calls[name]!
    calls[name] = (...given) => {
      if (!isBroken()) return call(...given)
      const done = given.at(-1) as (error: Error) => void
      return setImmediate(() => done(fault()))
    }
  }
}
