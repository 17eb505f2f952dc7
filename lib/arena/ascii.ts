/**
 * Bytes that separate words and lines. Code that reads each byte copies them into constants of its own module: V8 treats
 * those as literals, and reads an imported one from memory each time (a text get of 16 in flight: 237 ns against 270).
 */
export const SPACE = 0x20
export const LINE_FEED = 0x0a
export const CARRIAGE_RETURN = 0x0d
