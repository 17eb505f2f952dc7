import { readFileSync } from 'node:fs'
import os from 'node:os'
import { itemMemoryCount } from '../../options/item-memories.js'
import { startError } from '../../options/start-error.js'
import { MEGABYTE, type ServerOptions } from '../../options/table/options.js'
import { ITEM_MEMORY_MEGABYTES_MAX } from '../../options/table/resource-options.js'
import type { StoreLengths } from '../../store/create-store.js'

/**
 * The limit of memory, and how far clients may raise it: to twice as much, and at least to 128 MB, if the machine has that
 * much. Unused memory takes only addresses.
 */
export function memoryFor(options: ServerOptions): StoreLengths {
  const { memoryMegabytes } = options
  const memoryCount = itemMemoryCount(options)
  const wanted = Math.max(2 * memoryMegabytes, RAISED_MEGABYTES_MIN)
  const most = memoryCount * ITEM_MEMORY_MEGABYTES_MAX
  const possible = Math.min(wanted, most, Math.floor(os.totalmem() / MEGABYTE / 2))
  return {
    memoryCount,
    memoryLength: memoryMegabytes * MEGABYTE,
    memoryLengthMax: Math.max(memoryMegabytes, possible) * MEGABYTE,
  }
}

const RAISED_MEGABYTES_MIN = 128

export const tooMuch = (byteLength: number, { changes, ioUring }: ServerOptions): Error =>
  startError((nameOf) => {
    const megabytes = Math.ceil(byteLength / MEGABYTE)
    const rings = [changes !== null && 'changes', ioUring !== false && 'ioUring'] as const
    const names = (['connectionsMax', 'workers', ...rings] as const).filter((name) => name !== false)
    const others = `${names.map(nameOf).join(', ')} and ${nameOf('workerBufferLength')}`
    return `${nameOf('memoryMegabytes')}: with the needs of ${others} it is ${megabytes} MB of 4096 possible; lower one of them`
  })

/** This version of Node has no modules of WebAssembly with several memories. */
export const onlyOneMemory = ({ itemMemories, memoryMegabytes }: ServerOptions): Error =>
  startError((nameOf) => {
    const option =
      itemMemories === null
        ? `${nameOf('memoryMegabytes')}: ${memoryMegabytes} MB`
        : `${nameOf('itemMemories')}: ${itemMemories} memories`
    return `${option} need Node.js 22 or later; with ${process.version} the most are ${ITEM_MEMORY_MEGABYTES_MAX} MB in one memory`
  })

/** The system refuses the addresses, as with a limit of the process. */
export const noAddresses = (lengths: readonly number[], cause: Error): Error =>
  startError((nameOf) => {
    const megabytes = Math.ceil(lengths.reduce((sum, length) => sum + length, 0) / MEGABYTE)
    return `${nameOf('memoryMegabytes')}: the system has no addresses for ${megabytes} MB (${cause.message}); lower it, or raise the limit of addresses (ulimit -v)`
  }, cause)

/** Why the limit is more than the machine has; undefined if it is not. The server starts: most of it may never be used. */
export function beyondMachine(memoryMegabytes: number, machineMegabytes: number): string | undefined {
  if (memoryMegabytes <= machineMegabytes) return undefined
  return `-m: ${memoryMegabytes} MB are more than the ${machineMegabytes} MB of memory and swap that this machine has`
}

/** Memory and swap of the machine, in megabytes. */
export function machineMegabytes(): number {
  return Math.floor((os.totalmem() + swapLength()) / MEGABYTE)
}

/** Only Linux tells it in a file; elsewhere there is none. */
function swapLength(): number {
  try {
    const [, kilobytes] = /^SwapTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1')) ?? []
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}
