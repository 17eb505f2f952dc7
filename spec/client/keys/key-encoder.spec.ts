import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { ClientError } from '../../../lib/client/client-error.js'
import {
  EncodedKey,
  KeyEncoder,
  type KeyOptions,
  type KeyProtocol,
} from '../../../lib/client/keys/key-encoder.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { startServer, useProcess } from '../../support/server.js'

const PROTOCOLS = ['text', 'meta', 'binary'] as const

function encode(protocol: KeyProtocol, key: unknown, options: KeyOptions = {}): EncodedKey {
  const encoded = new EncodedKey()
  encoded.isBase64 = true
  new KeyEncoder(protocol, options).encode(key as string, encoded)
  return encoded
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return (error as ClientError).code
  }
  return 'no error'
}

const plain = (key: string | Uint8Array) => ({ key, isBase64: false })
const hashOf = (key: string) => createHash('sha256').update(key).digest('base64url')

describe('keys', () => {
  for (const protocol of PROTOCOLS) {
    it(`are sent as they are (${protocol})`, () => {
      for (const key of ['k', '!~', 'x'.repeat(250), 'grüße', '\u00a0', '\u0085', '😀', 'ü'.repeat(125)])
        expect(encode(protocol, key)).to.deep.equal(plain(key))
      const bytes = Buffer.from([0xff, 0x80, 0x41])
      expect(encode(protocol, bytes)).to.deep.equal(plain(bytes))
    })

    it(`are copied if they are bytes (${protocol})`, () => {
      const bytes = Buffer.from([0xff, 0x80, 0x41])
      const { key } = encode(protocol, bytes)
      bytes.fill(0x42)
      expect(key).to.deep.equal(Buffer.from([0xff, 0x80, 0x41]))
    })

    it(`are refused if they are empty, over 250 bytes, or no text or bytes (${protocol})`, () => {
      const wrong = [
        '',
        'x'.repeat(251),
        'ü'.repeat(126),
        '\ud800',
        'a\udc00',
        undefined,
        null,
        7,
        {},
        new Uint8Array(0),
      ]
      for (const key of wrong) expect(codeOf(() => encode(protocol, key))).to.equal('BAD_KEY')
    })

    it(`have a prefix that counts for their length (${protocol})`, () => {
      const options = { prefix: 'ü:' }
      expect(encode(protocol, 'key', options).key).to.equal('ü:key')
      expect(encode(protocol, 'x'.repeat(247), options).key).to.have.length(249)
      expect(codeOf(() => encode(protocol, 'x'.repeat(248), options))).to.equal('BAD_KEY')
      expect(encode(protocol, Buffer.of(0x80), options).key).to.deep.equal(Buffer.from('c3bc3a80', 'hex'))
    })

    it(`become their hash by option (${protocol})`, () => {
      const options = { prefix: 'p:', longKeys: 'hash' } as const
      for (const key of ['', 'x'.repeat(249), 'ü'.repeat(200)])
        expect(encode(protocol, key, options)).to.deep.equal(plain(`p:${hashOf(key)}`))
      expect(encode(protocol, 'key', options).key).to.equal('p:key')
      expect(encode(protocol, Buffer.alloc(300, 'x'), options).key).to.equal(
        encode(protocol, 'x'.repeat(300), options).key,
      )
      expect(codeOf(() => encode(protocol, '\ud800', options))).to.equal('BAD_KEY')
    })
  }

  const BLANK_KEYS = ['a b', '\0', 'a\r\n', '\t', '\x7f', ' ']

  it('have no blanks and control characters in text and meta, but in binary', () => {
    for (const key of BLANK_KEYS) {
      for (const given of [key, Buffer.from(key)]) {
        for (const protocol of ['text', 'meta'] as const)
          expect(codeOf(() => encode(protocol, given))).to.equal('BAD_KEY')
        expect(encode('binary', given)).to.deep.equal(plain(given))
      }
      expect(encode('text', key, { longKeys: 'hash' }).key).to.equal(hashOf(key))
      expect(encode('binary', key, { longKeys: 'hash' }).key).to.equal(key)
    }
  })

  it('are sent in base64 by option over meta', () => {
    const options = { longKeys: 'base64', prefix: 'p:' } as const
    for (const key of BLANK_KEYS)
      expect(encode('meta', key, options)).to.deep.equal({ key: Buffer.from(`p:${key}`), isBase64: true })
    expect(encode('meta', 'plain', options)).to.deep.equal(plain('p:plain'))
    expect((encode('meta', ' '.repeat(184), options).key as Buffer).length).to.equal(186)
    for (const key of ['', ' '.repeat(185), 'x'.repeat(249)])
      expect(codeOf(() => encode('meta', key, options))).to.equal('BAD_KEY')
  })

  it('never reach a line with a byte that ends it', () => {
    let count = 0
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), (key) => {
        const encoder = new KeyEncoder('text', { longKeys: 'hash' })
        const encoded = new EncodedKey()
        if (codeOf(() => encoder.encode(key, encoded)) === 'BAD_KEY') return
        const bytes = Buffer.from(encoded.key as string)
        expect(bytes.length).to.be.within(1, 250)
        expect(bytes.every((byte) => byte > 0x20 && byte !== 0x7f)).to.equal(true)
        count++
      }),
      { numRuns: 1000 },
    )
    expect(count).to.be.greaterThan(500)
  })

  it('have options that are checked', () => {
    const wrong: readonly (readonly [KeyProtocol, unknown])[] = [
      ['text', { longKeys: 'base64' }],
      ['binary', { longKeys: 'base64' }],
      ['meta', { longKeys: 'cut' }],
      ['meta', { prefix: 'a b' }],
      ['meta', { prefix: '\ud800' }],
      ['meta', { prefix: 7 }],
      ['meta', { prefix: 'x'.repeat(208) }],
    ]
    for (const [protocol, options] of wrong)
      expect(codeOf(() => new KeyEncoder(protocol, options as KeyOptions))).to.equal('BAD_OPTION')
    expect(encode('meta', ' ', { prefix: 'x'.repeat(207), longKeys: 'hash' }).key).to.have.length(250)
    expect(encode('binary', 'key', { prefix: 'a b ' }).key).to.equal('a b key')
  })
})

describe('keys at their limits', () => {
  needs(MEMCACHED)
  const servers = {
    memcached: useProcess(() => startMemcached()),
    keepcached: useProcess(() => startServer()),
  }

  for (const [name, server] of Object.entries(servers))
    it(`are accepted: 250 bytes, and 186 in base64 (${name})`, async () => {
      const connection = await server().connect()
      const longest = encode('meta', ' '.repeat(186), { longKeys: 'base64' }).key as Buffer
      const lines = [
        `ms ${'x'.repeat(250)} 1\r\nv`,
        `ms ${longest.toString('base64')} 1 b\r\nv`,
        'ms grüße 1\r\nv',
      ]
      for (const line of lines) {
        connection.send(Buffer.from(`${line}\r\n`))
        expect(`${await connection.receiveUntil(Buffer.from('\r\n'))}`).to.equal('HD\r\n')
      }
      connection.close()
    })
})
