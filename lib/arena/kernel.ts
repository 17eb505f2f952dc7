/**
 * Moving, comparing and hashing bytes of the arena: three functions of WebAssembly, because loops in JavaScript need two to
 * twenty times as long, but for the shortest stretches (scripts/bench/kernel.ts). Their text form stands beside this file
 * in kernel.wat, and a spec checks that it compiles to the bytes below.
 */
const COMPILED = [
  'AGFzbQEAAAABFANgA39/fwBgA39/fwF/YAJ/fwF/AhQBBWFyZW5hBm1lbW9yeQIDAYCABAMEAwABAgcXAwRtb3ZlAAAFZXF1YWwA',
  'AQRoYXNoAAIKhAMDDAAgACABIAL8CgAAC1IAAkACQANAIAJBCEkNASAAKQAAIAEpAABSDQIgAEEIaiEAIAFBCGohASACQQhrIQIM',
  'AAsLIAApAAAgASkAAIVCASACrUIDhoZCAX2DUA8LQQALoQICBX4Bf0EAKQMAQvXKzYPXrNu38wCFIQJBCCkDAELt3pHzlszct+QA',
  'hSEDQQApAwBC4eSV89bs2bzsAIUhBEEIKQMAQvPK0cunjNmy9ACFIQUgASEHA0BCACEGIAdBAE4EQCAAKQAAIQYgB0EISARAIAGt',
  'QjiGIAZCASAHrUIDhoZCAX2DhCEGQQchBwsLIAUgBoUhBSACIAN8IQIgA0INiSAChSEDIAJCIIkhAiAEIAV8IQQgBUIQiSAEhSEF',
  'IAIgBXwhAiAFQhWJIAKFIQUgBCADfCEEIANCEYkgBIUhAyAEQiCJIQQgAiAGhSECIABBCGohACAHQQhrIQcgB0F/RgRAIARC/wGF',
  'IQQLIAdBZ0oNAAsgAiADhSAEIAWFhacL',
].join('')

/** All three take arena offsets and lengths in bytes. */
export interface Kernel {
  /** The only way in which bytes move. The stretches may overlap. */
  readonly move: (target: number, source: number, length: number) => void
  /** 1 when both stretches hold the same bytes, else 0. */
  readonly equal: (a: number, b: number, length: number) => number
  /** SipHash-1-3 keyed with the arena's first 16 bytes, folded to a signed 32-bit number. */
  readonly hash: (start: number, length: number) => number
}

/** The compiled module as bytes, for the spec that compares it with its text. */
export const kernelBytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(COMPILED, 'base64'))

let compiled: WebAssembly.Module | undefined

export function kernelOver(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(kernelBytes())
  return new WebAssembly.Instance(compiled, { arena: { memory } }).exports as unknown as Kernel
}
