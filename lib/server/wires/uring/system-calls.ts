import { createRequire } from 'node:module'

/**
 * The functions of the C library that the io_uring wire calls, all of them. A wrong signature corrupts memory: so they stand in
 * one table, and check-system-calls.ts tries each before it is used.
 *
 * The calls for each request pass only numbers of 32 bits and addresses that do not change, because others become a BigInt in
 * node:ffi, which costs half a microsecond.
 */
export interface SystemCalls {
  /** The library that calls them. */
  readonly source: string
  /** `syscall` with numbers of 32 bits. Like all of these it returns -1 for an error. */
  call(number: number, a: number, b: number, c: number, d: number, e: number, f: number): number
  /** `syscall` with an address as `b` or `c`. */
  callWith(number: number, a: number, b: number, c: number, d: number): number
  /** Memory of zeros, or of a file descriptor. Returns its address, or -1. */
  mmap(length: number, protection: number, flags: number, fd: number, offset: number): number
  munmap(address: number, length: number): number
  madvise(address: number, length: number, advice: number): number
  /** Node's own would warn of descriptors that are not Node's. */
  close(fd: number): number
  eventfd(count: number, flags: number): number
  socketpair(domain: number, type: number, protocol: number, pairAddress: number): number
  recv(fd: number, address: number, length: number, flags: number): number
  /** Makes a `sendmsg` of the message header at this address. */
  sender(messageAddress: number): (fd: number, flags: number) => number
  /** Where the memory is. It must be referred to as long as the address is used. */
  addressOf(memory: ArrayBufferLike): number
  /** The memory at an address. Nothing keeps it mapped. */
  memoryAt(address: number, length: number): ArrayBuffer
}

/** The calls by what this Node version or an installed package has. Throws if there is neither. */
export function loadSystemCalls(): SystemCalls {
  const isKnown = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
  if (!isKnown) throw new Error('this is not Linux on x64 or arm64')
  const reasons: string[] = []
  for (const [name, load] of SOURCES) {
    try {
      return load()
    } catch (error) {
      // Further lines name the modules that asked for it.
      reasons.push(`${name}: ${(error as Error).message.split('\n', 1)[0]}`)
    }
  }
  throw new Error(reasons.join('; '))
}

/** By node:ffi, which Node 26 has. */
function byNode(): SystemCalls {
  const ffi = quietly(() => process.getBuiltinModule?.('node:ffi') as NodeFfi | undefined)
  if (ffi === undefined) throw new Error('this Node.js has none')
  const find = (name: string, types: readonly string[]): Call<unknown> => {
    const [result, ...given] = types
    const { functions } = ffi.dlopen(null, { [name]: { arguments: given, return: result! } })
    return functions[name]!
  }
  return bind('node:ffi', NODE_TYPES, find, {
    addressOf: (memory) => Number(ffi.getRawPointer(Buffer.from(memory))),
    memoryAt: (address, length) => ffi.toArrayBuffer(BigInt(address), length, false),
  })
}

/** By npm's koffi, which a user may have installed. */
function byKoffi(): SystemCalls {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi
  const library = koffi.load(null)
  const find = (name: string, types: readonly string[]): Call<unknown> => {
    const [result, ...given] = types
    return library.func(name, result!, given)
  }
  return bind('koffi', KOFFI_TYPES, find, {
    addressOf: (memory) => Number(koffi.address(Buffer.from(memory))),
    memoryAt: (address, length) => koffi.view(BigInt(address), length),
  })
}

const SOURCES: readonly (readonly [string, () => SystemCalls])[] = [
  ['node:ffi', byNode],
  ['koffi', byKoffi],
]

/** The signatures: the type of the result, then those of the arguments. */
function bind(
  source: string,
  types: Types,
  find: (name: string, types: readonly string[]) => Call<unknown>,
  memory: Pick<SystemCalls, 'addressOf' | 'memoryAt'>,
): SystemCalls {
  const { int, wide } = types
  const call = find('syscall', [int, int, int, int, int, int, int, int]) as Call<number>
  const callWide = find('syscall', [wide, wide, wide, wide, wide, wide, wide, wide]) as Call<Wide>
  const mmap = find('mmap', [wide, wide, wide, int, int, int, wide]) as Call<Wide>
  const munmap = find('munmap', [int, wide, wide]) as Call<number>
  const madvise = find('madvise', [int, wide, wide, int]) as Call<number>
  const close = find('close', [int, int]) as Call<number>
  const eventfd = find('eventfd', [int, int, int]) as Call<number>
  const socketpair = find('socketpair', [int, int, int, int, wide]) as Call<number>
  const recv = find('recv', [wide, int, wide, wide, int]) as Call<Wide>
  const sendmsg = find('sendmsg', [int, int, wide, int]) as Call<number>
  return {
    source,
    ...memory,
    call: (number, a, b, c, d, e, f) => call(number, a, b, c, d, e, f),
    callWith: (number, a, b, c, d) =>
      Number(callWide(BigInt(number), BigInt(a), BigInt(b), BigInt(c), BigInt(d), 0n, 0n)),
    mmap: (length, protection, flags, fd, offset) =>
      Number(mmap(0n, BigInt(length), protection, flags, fd, BigInt(offset))),
    munmap: (address, length) => munmap(BigInt(address), BigInt(length)),
    madvise: (address, length, advice) => madvise(BigInt(address), BigInt(length), advice),
    close: (fd) => close(fd),
    eventfd: (count, flags) => eventfd(count, flags),
    socketpair: (domain, type, protocol, pair) => socketpair(domain, type, protocol, BigInt(pair)),
    recv: (fd, address, length, flags) => Number(recv(fd, BigInt(address), BigInt(length), flags)),
    sender(messageAddress) {
      const address = BigInt(messageAddress)
      return (fd, flags) => sendmsg(fd, address, flags)
    },
  }
}

/** Node writes to standard error that its module is experimental, which says nothing to an operator. */
function quietly<Result>(use: () => Result): Result {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return use()
  } finally {
    process.emitWarning = emitWarning
  }
}

type Wide = number | bigint
type Call<Result> = (...given: readonly Wide[]) => Result

/** The names of the two types that the signatures need. */
interface Types {
  readonly int: string
  /** A `long`, a `size_t`, an `off_t` or a pointer. */
  readonly wide: string
}

const NODE_TYPES: Types = { int: 'i32', wide: 'i64' }
const KOFFI_TYPES: Types = { int: 'int', wide: 'int64_t' }

interface NodeFfi {
  dlopen(
    library: null,
    signatures: Record<string, { readonly arguments: readonly string[]; readonly return: string }>,
  ): { readonly functions: Record<string, Call<unknown>> }
  getRawPointer(bytes: Buffer): bigint
  toArrayBuffer(address: bigint, length: number, isCopied: boolean): ArrayBuffer
}

interface Koffi {
  load(library: null): {
    func(name: string, result: string, given: readonly string[]): Call<unknown>
  }
  address(bytes: Buffer): bigint
  view(address: bigint, length: number): ArrayBuffer
}
