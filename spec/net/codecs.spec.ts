import { expect } from 'chai'
import {
  type Codec,
  connect,
  Input,
  lengthPrefixed,
  lines,
  listen,
  NEED_MORE,
  Output,
} from '../../lib/net/index.js'
import { closing } from './kit.js'

const encoded = <Outgoing>(codec: Codec<unknown, Outgoing>, ...messages: Outgoing[]): string => {
  const output = new Output()
  for (const message of messages) codec.encode(message, output)
  return Buffer.concat(output.takePieces()).toString('latin1')
}

/** The messages of these bytes, if they arrive in parts; each as text, since it may be a view. */
function decoded(codec: Codec<string | Buffer, never>, parts: readonly Buffer[]): string[] {
  const input = new Input(Buffer.alloc(1000, '\n'))
  const messages: string[] = []
  for (const part of parts) {
    part.copy(input.bytes, input.end)
    input.end += part.length
    while (true) {
      const { start } = input
      if (input.end - start < input.neededLength) break
      input.neededLength = 0
      const message = codec.decode(input)
      if (message === NEED_MORE) {
        expect(input.start).to.equal(start)
        break
      }
      messages.push(message.toString())
    }
  }
  expect(input.start).to.equal(input.end)
  return messages
}

const code = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'nothing was thrown'
}

const text = (content: string): Buffer => Buffer.from(content, 'latin1')

const CODECS = [
  { name: 'lines', make: lines(), bytes: 'one\r\n\ntw\ro\n', messages: ['one', '', 'tw\ro'] },
  ...([1, 2, 4] as const).flatMap((bytes) =>
    (['big-endian', 'little-endian'] as const).map((byteOrder) => ({
      name: `${bytes} bytes of length, ${byteOrder}`,
      make: () => lengthPrefixed({ bytes, byteOrder }),
      bytes: `${prefix(3, bytes, byteOrder)}one${prefix(0, bytes, byteOrder)}${prefix(200, bytes, byteOrder)}${'x'.repeat(200)}`,
      messages: ['one', '', 'x'.repeat(200)],
    })),
  ),
]

/** Written by hand, as the codec is what is examined. */
function prefix(length: number, bytes: number, byteOrder: string): string {
  const zeros = '\0'.repeat(bytes - 1)
  const last = String.fromCharCode(length)
  return byteOrder === 'big-endian' ? zeros + last : last + zeros
}

describe('The codecs of net', () => {
  for (const { name, make, bytes, messages } of CODECS) {
    it(`decode messages that are cut at any byte: ${name}`, () => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        const parts = [text(bytes.slice(0, cut)), text(bytes.slice(cut))]
        expect(decoded(make() as Codec<string | Buffer, never>, parts), `cut at ${cut}`).to.deep.equal(
          messages,
        )
      }
    })

    it(`decode messages that arrive byte by byte: ${name}`, () => {
      const parts = [...bytes].map(text)
      expect(decoded(make() as Codec<string | Buffer, never>, parts)).to.deep.equal(messages)
    })
  }

  it('encode lines with one kind of end, in the encoding that is asked for', () => {
    expect(encoded(lines()(), 'sky', '', 'ä')).to.equal('sky\n\n\xc3\xa4\n')
    expect(encoded(lines({ encoding: 'latin1' })(), 'ä')).to.equal('\xe4\n')
    expect(decoded(lines({ encoding: 'latin1' })() as Codec<string, never>, [text('\xe4\n')])).to.deep.equal([
      'ä',
    ])
  })

  it('encode lengths in both orders', () => {
    expect(encoded(lengthPrefixed(), text('sky'))).to.equal('\0\0\0\x03sky')
    expect(encoded(lengthPrefixed({ bytes: 2, byteOrder: 'little-endian' }), text('sky'))).to.equal(
      '\x03\0sky',
    )
    expect(encoded(lengthPrefixed({ bytes: 1 }), text(''), text('a'))).to.equal('\0\x01a')
  })

  it('copy a message of any length, which the caller may overwrite', () => {
    const message = Buffer.alloc(100_000, 'x')
    const output = new Output()
    lengthPrefixed().encode(message, output)
    message.fill('y')
    expect(Buffer.concat(output.takePieces()).includes('y')).to.equal(false)
  })

  it('refuse a line that contains an end, before anything is written', () => {
    const output = new Output()
    expect(code(() => lines()().encode('a\nb', output))).to.equal('BAD_MESSAGE')
    expect(output.byteLength).to.equal(0)
  })

  it('refuse a line with a last \\r, which the peer would drop, unless lines end so', () => {
    expect(() => encoded(lines()(), 'a\r'))
      .to.throw('end of a line')
      .with.property('code', 'BAD_MESSAGE')
    expect(encoded(lines()(), 'a\rb')).to.equal('a\rb\n')
    const codec = lines({ end: '\r\n' })()
    expect(encoded(codec, 'a', 'b\r')).to.equal('a\r\nb\r\r\n')
    expect(decoded(codec, [Buffer.from('a\r\nb\r\r\n')])).to.deep.equal(['a', 'b\r'])
  })

  it('refuse options that do not exist, or are wrong, by name', () => {
    for (const [make, message] of [
      [() => lines({ foo: 1 } as never), 'foo: no such option'],
      [() => lines({ maxLength: -1 }), 'maxLength: '],
      [() => lines({ encoding: 'utf16' as never }), 'encoding: one of utf8, latin1 is needed, not utf16'],
      [() => lines(5 as never), 'options: an object'],
      [() => lengthPrefixed({ littleEndian: true } as never), 'littleEndian: no such option'],
      [() => lengthPrefixed({ bytes: 3 as never }), 'bytes: one of 4, 1, 2 is needed, not 3'],
      [() => lengthPrefixed({ byteOrder: 'little' as never }), 'byteOrder: one of big-endian, '],
      [() => lengthPrefixed({ maxLength: Number.NaN }), 'maxLength: '],
    ] as const)
      expect(make).to.throw(message).with.property('code', 'BAD_OPTION')
  })

  it('refuse what is longer than allowed, and accept what is as long', () => {
    const bounded = lines({ maxLength: 4 })
    for (const end of ['\n', '\r\n'])
      expect(decoded(bounded() as Codec<string, never>, [...`1234${end}`].map(text))).to.deep.equal(['1234'])
    expect(code(() => decoded(bounded() as Codec<string, never>, [text('12345\n')]))).to.equal(
      'MESSAGE_TOO_LONG',
    )
    expect(code(() => decoded(bounded() as Codec<string, never>, [text('123456')]))).to.equal(
      'MESSAGE_TOO_LONG',
    )
    const prefixed = lengthPrefixed({ bytes: 1, maxLength: 4 })
    expect(encoded(prefixed, text('1234'))).to.equal('\x041234')
    expect(code(() => encoded(prefixed, text('12345')))).to.equal('MESSAGE_TOO_LONG')
    expect(code(() => decoded(prefixed as Codec<Buffer, never>, [text('\x05')]))).to.equal('MESSAGE_TOO_LONG')
    expect(code(() => encoded(lengthPrefixed({ bytes: 1 }), Buffer.alloc(256)))).to.equal('MESSAGE_TOO_LONG')
  })
})

describe('The longest message of a codec', () => {
  const afterwards = closing()

  it('is one that a peer with the default options accepts', async () => {
    let receivedLength = 0
    const listener = await listen(lengthPrefixed(), {
      onMessage: (message, connection) => {
        receivedLength = message.length
        void connection.end()
      },
    })
    afterwards(() => listener.close())
    let lengthMax = 16 * 1024 * 1024
    const isTooLong = (length: number) => {
      const message = Buffer.alloc(length)
      try {
        lengthPrefixed().encode(message, new Output())
        return false
      } catch {
        return true
      }
    }
    while (isTooLong(lengthMax)) lengthMax--
    const connection = connect(lengthPrefixed(), {}, { port: listener.port })
    connection.send(Buffer.alloc(lengthMax))
    await connection.whenClosed()
    expect(receivedLength).to.equal(lengthMax).and.to.be.above(16_000_000)
  })
})

describe('An output', () => {
  it('links a long part, and copies short ones around it', () => {
    const long = Buffer.alloc(20_000, 'b')
    const output = new Output()
    output.writeAscii('a')
    output.writeBytes(long)
    output.writeUtf8('c')
    expect(output.byteLength).to.equal(20_002)
    long.fill('B')
    const bytes = Buffer.concat(output.takePieces()).toString()
    expect(bytes).to.equal(`a${'B'.repeat(20_000)}c`)
    expect(output.byteLength).to.equal(0)
  })

  it('leaves the bytes of taken pieces as they are until it is cleared', () => {
    const output = new Output()
    output.writeAscii('first')
    const [first] = output.takePieces()
    output.writeAscii('second')
    const [second] = output.takePieces()
    expect([first!.toString(), second!.toString()]).to.deep.equal(['first', 'second'])
    output.clear()
    output.writeAscii('third')
    expect(output.takePieces()[0]!.buffer).to.equal(first!.buffer)
  })

  it('does not keep the memory of a long message', () => {
    const output = new Output()
    output.copyBytes(Buffer.alloc(1_000_000))
    output.takePieces()
    output.clear()
    output.writeByte(1)
    expect(output.bytes.length).to.be.below(100_000)
  })
})
