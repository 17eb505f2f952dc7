/**
 * Moving, comparing and hashing bytes of the arena, and the words of its locks: a few functions of WebAssembly. Loops
 * in JavaScript take two to twenty times as long, except for the shortest ranges, and each call of Atomics half as much again
 * (scripts/bench/kernel.ts). The text form is kernel.wat, and a spec checks that it compiles to the
 * bytes below.
 */
const COMPILED = [
  'AGFzbQEAAAABIgVgA39/fwBgA39/fwF/YAJ/fwF/YAV/f39/fwF/YAF/AX8CFAEFYXJlbmEGbWVtb3J5AgMBgIAEAwcGAAECAQMEBz4G',
  'BG1vdmUAAAVlcXVhbAABBGhhc2gAAgtsZWFzZVN0cmlwZQADC2NsYWltU3RyaXBlAAQIZ2l2ZUJhY2sABQrhAwYMACAAIAEgAvwKAAAL',
  'UgACQAJAA0AgAkEISQ0BIAApAAAgASkAAFINAiAAQQhqIQAgAUEIaiEBIAJBCGshAgwACwsgACkAACABKQAAhUIBIAKtQgOGhkIBfYNQ',
  'DwtBAAuhAgIFfgF/QQApAwBC9crNg9es27fzAIUhAkEIKQMAQu3ekfOWzNy35ACFIQNBACkDAELh5JXz1uzZvOwAhSEEQQgpAwBC88rR',
  'y6eM2bL0AIUhBSABIQcDQEIAIQYgB0EATgRAIAApAAAhBiAHQQhIBEAgAa1COIYgBkIBIAetQgOGhkIBfYOEIQZBByEHCwsgBSAGhSEF',
  'IAIgA3whAiADQg2JIAKFIQMgAkIgiSECIAQgBXwhBCAFQhCJIASFIQUgAiAFfCECIAVCFYkgAoUhBSAEIAN8IQQgA0IRiSAEhSEDIARC',
  'IIkhBCACIAaFIQIgAEEIaiEAIAdBCGshByAHQX9GBEAgBEL/AYUhBAsgB0FnSg0ACyACIAOFIAQgBYWFpwsQACAAIAH+FwIAIAL+EAIA',
  'C0ABAX8gAEEAIAH+SAIAIQUgBQRAIAUPCwNAIAL+EAIAQf//AXEgBEYEQEF/DwsgAkHAAGohAiACIANJDQALQQALCgAgAEEA/kECAAs=',
].join('')

/** All take arena offsets and lengths in bytes. */
export interface Kernel {
  /** The only function that moves bytes. The ranges may overlap. */
  readonly move: (target: number, source: number, length: number) => void
  /** 1 if both ranges hold the same bytes, else 0. */
  readonly equal: (a: number, b: number, length: number) => number
  /** SipHash-1-3 keyed with the arena's first 16 bytes, folded to a signed 32-bit number. */
  readonly hash: (start: number, length: number) => number
  /** Stores a stripe in a lease word. Returns the number of the worker that writes there, or 0. */
  readonly leaseStripe: (lease: number, stripe: number, writer: number) => number
  /** Claims a writer word. Returns its old value; if that was 0, -1 if one of the lease words names the stripe, else 0. */
  readonly claimStripe: (
    writer: number,
    owner: number,
    leases: number,
    leasesEnd: number,
    stripe: number,
  ) => number
  /** Sets a word to 0. Returns its old value. */
  readonly giveBack: (word: number) => number
}

/** The compiled module as bytes, for the spec that compares it with its text. */
export const kernelBytes = (): Uint8Array => Buffer.from(COMPILED, 'base64')

let compiled: WebAssembly.Module | undefined

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(kernelBytes())
  return new WebAssembly.Instance(compiled, { arena: { memory } }).exports as unknown as Kernel
}
