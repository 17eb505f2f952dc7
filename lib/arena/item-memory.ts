import type { Kernel } from './kernel.js'

type Move = Kernel['move']

/**
 * An address is an offset in one of the memories of an arena, with the number of the memory above it:
 *
 *     0              4 GiB            8 GiB            12 GiB
 *     ┌──────────────┬────────────────┬────────────────┬─ ─
 *     │ the arena    │ item memory 1  │ item memory 2  │
 *     └──────────────┴────────────────┴────────────────┴─ ─
 *
 * So an address in the arena itself is an offset. Nearly all arenas have no other memory.
 */
export const ADDRESS_STEP = 0x1_0000_0000

/** Bytes from any address to any other, except from one item memory to another. */
export const moveBetween =
  (within: Move, memories: readonly { readonly moveIn: Move; readonly moveOut: Move }[]): Move =>
  (target, source, length) => {
    if (target >= ADDRESS_STEP) memories[numberOf(target) - 1]!.moveIn(target, source, length)
    else if (source >= ADDRESS_STEP) memories[numberOf(source) - 1]!.moveOut(target, source, length)
    else within(target, source, length)
  }

/** Into a memory, from an address in it or in the arena. */
export const moveInto =
  (within: Move, across: Move): Move =>
  (target, source, length) => {
    if (source >= ADDRESS_STEP) within(target, source, length)
    else across(target, source, length)
  }

/** The number of the memory that an address is in; 0: the arena itself. */
export const numberOf = (address: number): number => Math.floor(address / ADDRESS_STEP)
