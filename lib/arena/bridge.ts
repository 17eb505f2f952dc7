/**
 * Moving and comparing bytes between the arena and an item memory: a module of WebAssembly that imports both. Node 20 cannot compile
 * it. The text form is bridge.wat, and a spec checks that it compiles to the bytes below.
 */
const COMPILED = [
  'AGFzbQEAAAABDgJgA39/fwBgA39/fwF/AicCBWFyZW5hBm1lbW9yeQIDAYCABAVpdGVtcwZtZW1vcnkCAwGAgAQDBAMAAAEHHAMGbW92ZUlu',
  'AAAHbW92ZU91dAABBWVxdWFsAAIKcAMMACAAIAEgAvwKAQALDAAgACABIAL8CgABC1QAAkACQANAIAJBCEkNASAAKUABACABKQAAUg0CIABB',
  'CGohACABQQhqIQEgAkEIayECDAALCyAAKUABACABKQAAhUIBIAKtQgOGhkIBfYNQDwtBAAs=',
].join('')

/** All take offsets and lengths in bytes. */
export interface Bridge {
  /** Copies from the arena into the item memory. */
  readonly moveIn: (target: number, source: number, length: number) => void
  /** Copies from the item memory into the arena. */
  readonly moveOut: (target: number, source: number, length: number) => void
  /** 1 if a range of the item memory and one of the arena hold the same bytes, else 0. */
  readonly equal: (a: number, b: number, length: number) => number
}

/** The compiled module as bytes, for the spec that compares it with its text. */
export const bridgeBytes = (): Uint8Array => Buffer.from(COMPILED, 'base64')

let compiled: WebAssembly.Module | undefined

export function bridgeBetween(arena: WebAssembly.Memory, items: WebAssembly.Memory): Bridge {
  compiled ??= new WebAssembly.Module(bridgeBytes())
  const imports = { arena: { memory: arena }, items: { memory: items } }
  return new WebAssembly.Instance(compiled, imports).exports as unknown as Bridge
}

/** Whether this version of Node can use several memories. */
export function hasBridges(): boolean {
  try {
    const [arena, items] = [onePage(), onePage()]
    bridgeBetween(arena, items).moveIn(0, 0, 1)
    return true
  } catch {
    return false
  }
}

const onePage = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
