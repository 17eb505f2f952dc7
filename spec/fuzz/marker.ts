/**
 * Memory that belongs to nobody is filled with this byte, and nothing that a peer sends holds a stretch of it: where one
 * comes out, memory of another connection has been read.
 */
export const MARKER = 0xee
export const MARKED = Buffer.alloc(8, MARKER)
