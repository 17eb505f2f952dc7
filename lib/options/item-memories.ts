import type { ServerOptions } from './table/options.js'
import { ITEM_MEMORY_MEGABYTES_MAX } from './table/resource-options.js'

/** How many memories hold the items of a server; with one, they are in the arena. */
export const itemMemoryCount = ({ itemMemories, memoryMegabytes }: MemoryOptions): number =>
  itemMemories ?? Math.ceil(memoryMegabytes / ITEM_MEMORY_MEGABYTES_MAX)

type MemoryOptions = Pick<ServerOptions, 'itemMemories' | 'memoryMegabytes'>
