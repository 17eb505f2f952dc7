/**
 * Free memory is filled with this byte, and no peer sends a run of it: if a reply has
 * one, free memory or that of another connection was read.
 */
export const MARKER = 0xee
export const MARKED = Buffer.alloc(8, MARKER)
