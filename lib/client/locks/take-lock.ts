import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { badOption } from '../check-options.js'
import { ClientError } from '../client-error.js'
import type { Key } from '../commands/command-options.js'
import type { Commands } from '../commands/commands.js'
import type { CallOptions } from '../commands/executor.js'
import { copyOfKey } from '../copy-of-key.js'
import { callOptionNames, checkCallOptions } from '../option-names.js'
import type { Ttl } from '../ttl.js'
import { waitingMs } from '../waiting-ms.js'
import { heldMs } from './held-ms.js'
import { Lock } from './lock.js'

export interface LockOptions extends CallOptions {
  /** Milliseconds to wait for a lock that another holds. Default: 0. */
  readonly wait?: number
}

/** Takes the lock, or returns undefined if another has held it for as long as this caller waits. */
export async function takeLock(
  commands: Commands,
  givenKey: Key,
  ttl: Ttl,
  options: LockOptions = {},
): Promise<Lock | undefined> {
  checkCallOptions(options, NAMES)
  const key = copyOfKey(givenKey)
  const { wait = 0, ...callOptions } = options
  if (!(typeof wait === 'number' && wait >= 0)) throw badOption('wait', 'milliseconds, from 0')
  const untilMs = performance.now() + wait
  const owner = randomBytes(OWNER_LENGTH).toString('base64url')
  for (let attempt = 0; ; attempt++) {
    const endMs = performance.now() + heldMs(ttl)
    if (await commands.add(key, owner, { ...callOptions, ttl })) {
      const item = await commands.gets(key, callOptions)
      if (item?.cas === 0n) throw new ClientError('SERVER', 'a server without cas (-C) has no locks')
      // Otherwise it is lost already: the server has evicted it, or was flushed.
      if (item !== undefined && `${item.value}` === owner)
        return new Lock({ commands, key, owner, cas: item.cas, endMs, options: callOptions })
    }
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) return undefined
    await sleepUnlessAborted(Math.min(leftMs, waitingMs(attempt)), callOptions.signal)
  }
}

async function sleepUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw new ClientError('ABORTED', 'the call was aborted', { cause: error })
  }
}

const OWNER_LENGTH = 16
const NAMES = callOptionNames<LockOptions>({ timeout: true, signal: true, wait: true })
