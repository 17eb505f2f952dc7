/** The parts of binary-parser that number-fields.ts uses; its own types do not resolve under nodenext. */
declare module 'binary-parser' {
  class Parser {
    endianness(endianness: 'big' | 'little'): this
    create(target: new () => object): this
    uint8(name: string): this
    uint16(name: string): this
    uint32(name: string): this
    uint64(name: string): this
    parse(bytes: Uint8Array): unknown
  }
}
