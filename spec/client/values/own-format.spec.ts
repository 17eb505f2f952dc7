import { expect } from 'chai'
import { Client } from '../../../lib/client/index.js'
import type { EncodedValue } from '../../../lib/client/values/value-format.js'
import { startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

type Encode = (target: EncodedValue) => unknown

const later = async (target: EncodedValue, bytes: Uint8Array): Promise<void> => {
  await undefined
  target.bytes = bytes
}

const WRONG: Readonly<Record<string, Encode>> = {
  'fills in nothing': () => {},
  'fills in its bytes too late': (target) => later(target, Buffer.from('late')),
  'fills in text': (target) => {
    target.bytes = 'text' as never
  },
  'fills in a list': (target) => {
    target.bytes = [1, 2] as never
  },
  'fills in words of 16 bits': (target) => {
    target.bytes = new Uint16Array(2) as never
  },
  'fills in undefined': (target) => {
    target.bytes = undefined as never
  },
  'fills in negative flags': (target) => {
    target.bytes = Buffer.from('value')
    target.clientFlags = -1
  },
  'fills in flags that are no number': (target) => {
    target.bytes = Buffer.from('value')
    target.clientFlags = '1' as never
  },
}

describe('a format of values of the program', () => {
  let own: Client
  let plain: Client
  let encode: Encode

  const server = useProcess(() => startServer())
  before(() => {
    const address = `127.0.0.1:${server().port}`
    plain = new Client(address, { timeout: 30_000 })
    own = new Client(address, {
      timeout: 30_000,
      flags: {
        encode: (_value, target) => encode(target) as undefined,
        decode: (bytes, start, end, clientFlags) => `${clientFlags} ${bytes.toString('latin1', start, end)}`,
      },
    })
  })
  after(async () => {
    await Promise.all([own.close(), plain.close()])
  })

  for (const [words, wrong] of Object.entries(WRONG))
    it(`that ${words} stores nothing: not the value before, and no zeros`, async () => {
      await plain.set('other', 'secret')
      encode = wrong
      for (let count = 0; count < 3; count++)
        expect(await codeOf(own.set('key', 'value'))).to.equal('BAD_VALUE')
      expect(await plain.get('key')).to.equal(undefined)
    })

  it('stores the bytes and flags that it fills in, also none', async () => {
    encode = (target) => {
      target.bytes = new Uint8Array(0)
      target.clientFlags = 0xffff_ffff
    }
    await own.set('empty', 'value')
    expect(await own.get('empty')).to.equal('4294967295 ')
  })
})
