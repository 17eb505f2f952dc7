import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import wabt from 'wabt'
import { Arena } from '../../lib/arena/arena.js'
import { kernelBytes } from '../../lib/arena/kernel.js'

const TEXT = new URL('../../../lib/arena/kernel.wat', import.meta.url)

describe('the kernel of the arena', () => {
  const arena = Arena.create(4096)
  const region = arena.reserve(4096)

  it('is what its text compiles to', async () => {
    const { parseWat } = await wabt()
    const module = parseWat('kernel.wat', readFileSync(TEXT, 'utf8'), { threads: true, bulk_memory: true })
    const { buffer } = module.toBinary({})
    module.destroy()
    expect(Buffer.from(buffer).equals(kernelBytes())).equal(true)
  })

  it('moves bytes as copyWithin does, overlapping or not', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.nat(500), (target, source, length) => {
        for (let at = 0; at < 1100; at++) arena.bytes[region + at] = at * 7
        const expected = Buffer.from(arena.bytes.subarray(region, region + 1100)).copyWithin(
          target,
          source,
          source + length,
        )
        arena.move(region + target, region + source, length)
        expect(arena.bytes.subarray(region, region + 1100).equals(expected)).equal(true)
      }),
    )
  })

  it('compares bytes of any length at any place, and no bytes beside them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(7),
        fc.nat(7),
        fc.nat(),
        (bytes, a, b, spoiled) => {
          const [first, second] = [region + a, region + 1000 + b]
          arena.bytes.fill(0xaa, region, region + 1000)
          arena.bytes.fill(0x55, region + 1000, region + 2000)
          arena.bytes.set(bytes, first)
          arena.bytes.set(bytes, second)
          expect(arena.equal(first, second, bytes.length)).equal(1)
          if (bytes.length === 0) return
          arena.bytes[second + (spoiled % bytes.length)]! ^= 1
          expect(arena.equal(first, second, bytes.length)).equal(0)
        },
      ),
    )
  })

  it('leases a stripe and sees which worker writes there', () => {
    const [lease, writer] = [region, region + 64]
    arena.bytes.fill(0, lease, writer + 4)
    arena.words[writer / 4] = 5
    expect(arena.leaseStripe(lease, 8, writer)).equal(5)
    expect(arena.words[lease / 4]).equal(8)
    expect(arena.giveBack(lease)).equal(8)
    expect(arena.giveBack(writer)).equal(5)
    expect(arena.leaseStripe(lease, 9, writer)).equal(0)
    expect(arena.giveBack(lease)).equal(9)
    expect(arena.words[lease / 4]).equal(0)
  })

  it('claims a free stripe, and sees whether a lease names it, marked or not', () => {
    const [leases, leasesEnd, writer] = [region, region + 3 * 64, region + 1024]
    arena.bytes.fill(0, leases, writer + 4)
    const claim = (owner: number) => arena.claimStripe(writer, owner, leases, leasesEnd, 8)
    expect(claim(3)).equal(0)
    expect(arena.words[writer / 4]).equal(3)
    expect(claim(2), 'who has it').equal(3)
    expect(arena.giveBack(writer)).equal(3)
    for (const [lease, seen] of [
      [8, -1],
      [8 | 0x8000, -1],
      [7, 0],
      [9 | 0x8000, 0],
    ] as const) {
      for (const at of [0, 1, 2]) {
        arena.words[leases / 4 + at * 16] = lease
        expect(claim(2), `lease ${at} is ${lease}`).equal(seen)
        expect(arena.giveBack(writer), 'claimed even so').equal(2)
        arena.words[leases / 4 + at * 16] = 0
      }
    }
    arena.words[leasesEnd / 4] = 8
    expect(claim(2), 'what is behind the leases').equal(0)
  })

  it('hashes as SipHash-1-3 does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), fc.nat(7), (bytes, at) => {
        arena.bytes.set(bytes, region + at)
        const expected = sipHash13(arena.bytes.subarray(0, 16), bytes)
        expect(arena.hash(region + at, bytes.length)).equal(Number(BigInt.asIntN(32, expected)))
      }),
    )
  })

  it('has another hash key in every arena', () => {
    const other = Arena.create(4096)
    expect(arena.bytes.subarray(0, 16).equals(other.bytes.subarray(0, 16))).equal(false)
  })
})

/** As its authors published it, with BigInt. */
function sipHash13(key: Buffer, bytes: Uint8Array): bigint {
  const rotate = (x: bigint, by: bigint) => BigInt.asUintN(64, (x << by) | (x >> (64n - by)))
  const add = (a: bigint, b: bigint) => BigInt.asUintN(64, a + b)
  const [k0, k1] = [key.readBigUInt64LE(0), key.readBigUInt64LE(8)]
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const round = () => {
    v0 = add(v0, v1)
    v2 = add(v2, v3)
    v1 = rotate(v1, 13n) ^ v0
    v3 = rotate(v3, 16n) ^ v2
    v0 = rotate(v0, 32n)
    v2 = add(v2, v1)
    v0 = add(v0, v3)
    v1 = rotate(v1, 17n) ^ v2
    v3 = rotate(v3, 21n) ^ v0
    v2 = rotate(v2, 32n)
  }
  const padded = Buffer.alloc(Math.floor(bytes.length / 8) * 8 + 8)
  padded.set(bytes)
  padded[padded.length - 1] = bytes.length
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at)
    v3 ^= word
    round()
    v0 ^= word
  }
  v2 ^= 0xffn
  round()
  round()
  round()
  return v0 ^ v1 ^ v2 ^ v3
}
