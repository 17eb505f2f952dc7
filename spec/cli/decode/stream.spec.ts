import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  counterExtras,
  HEADER_LENGTH,
  itemExtras,
  Op,
  reply,
  request,
  uint32,
  uint64,
} from '../../support/frames.js'
import { runTool } from '../../support/tool.js'

/** The output for such bytes, without the offsets. */
async function messages(bytes: string | Buffer, ...options: string[]): Promise<string[]> {
  const input = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  const { out } = await runTool(['decode', ...options], { input })
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\d+ +/, ''))
}

/** A message alone, and the line it is printed as. */
function prints(title: string, bytes: string | Buffer, ...lines: string[]): void {
  it(title, async () => {
    expect(await messages(bytes)).to.deep.equal(lines)
  })
}

describe('decode, of binary frames', () => {
  prints(
    'prints the fields of a request by name',
    request(Op.SET, { key: 'sky', value: 'blue', extras: itemExtras(5, 60), opaque: 7, cas: 9n, vbucket: 3 }),
    'request set key="sky" flags=5 expiry=60 cas=9 opaque=0x00000007 vbucket=3 value[4]="blue"',
  )
  prints(
    'prints the fields of a reply by name',
    reply(Op.GETK, { key: 'sky', value: 'blue', extras: uint32(5), opaque: 7, cas: 9n }),
    'reply getk OK key="sky" flags=5 cas=9 opaque=0x00000007 value[4]="blue"',
  )
  prints(
    'prints the status of an error by name, and its text',
    reply(Op.GET, { status: 1, value: 'Not found' }),
    'reply get NOT_FOUND opaque=0x00000000 value[9]="Not found"',
  )
  prints(
    'prints the numbers of counters',
    Buffer.concat([
      request(Op.INCREMENT, { key: 'n', extras: counterExtras(2n ** 64n - 1n, 10n, 60) }),
      reply(Op.INCREMENT, { value: uint64(2n ** 63n), cas: 1n }),
    ]),
    'request increment key="n" delta=18446744073709551615 initial=10 expiry=60 opaque=0x00000000',
    'reply increment OK cas=1 opaque=0x00000000 number=9223372036854775808',
  )
  prints(
    'escapes what is not printable',
    request(Op.GET, { key: 'a\0b\r\n"\\\x7f\xff' }),
    'request get key="a\\x00b\\r\\n\\"\\\\\\x7f\\xff" opaque=0x00000000',
  )
  prints(
    'prints an opcode without a name',
    request(0x55),
    'request opcode=0x55 opaque=0x00000000 ! byte 1: no opcode has this number',
  )
  prints(
    'prints a status without a name',
    reply(Op.GET, { status: 0x99 }),
    'reply get status=0x0099 opaque=0x00000000 ! byte 6: no status has this number',
  )

  it('shows as much of a value as requested', async () => {
    const frame = request(Op.SET, { key: 'k', value: 'v'.repeat(100), extras: itemExtras() })
    expect((await messages(frame))[0]).to.match(/ value\[100\]="v{48}"\.\.\.$/)
    expect((await messages(frame, '--preview', '3'))[0]).to.match(/ value\[100\]="vvv"\.\.\.$/)
    expect((await messages(frame, '--preview', '100'))[0]).to.match(/ value\[100\]="v{100}"$/)
  })

  it('prints the offset of each message', async () => {
    const { out } = await runTool(['decode'], {
      input: Buffer.concat([request(Op.NOOP), request(Op.VERSION)]),
    })
    expect(out).to.match(/^0 {8}request noop .*\n24 {7}request version/)
  })

  it('prints the same however the bytes were cut', async () => {
    const bytes = Buffer.concat([
      request(Op.SET, { key: 'k', value: 'v'.repeat(70_000), extras: itemExtras() }),
      Buffer.from('rubbish'),
      request(Op.NOOP),
      Buffer.from('set k 0 0 4\r\nblue\r\n'),
    ])
    const { out } = await runTool(['decode'], { input: bytes })
    for (const size of [1, 23, 24, 25, 1000]) {
      const input = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      )
      expect((await runTool(['decode'], { input })).out, `pieces of ${size}`).to.equal(out)
    }
  })
})

describe('decode, of what breaks the rules', () => {
  const wrong: readonly (readonly [string, Buffer, string])[] = [
    [
      'extras of the wrong length',
      request(Op.SET, { key: 'k', extras: uint32(1) }),
      '! byte 4: extras of 4 bytes are not those of this opcode',
    ],
    ['a key that is missing', request(Op.GET), '! byte 2: get needs a key'],
    ['a key that is not allowed', request(Op.NOOP, { key: 'k' }), '! byte 2: noop takes no key'],
    [
      'a key that is too long',
      request(Op.GET, { key: 'k'.repeat(251) }),
      '! byte 2: a key of 251 bytes is longer than 250',
    ],
    [
      'a value that is not allowed',
      request(Op.DELETE, { key: 'k', value: 'v' }),
      '! byte 25: delete takes no value',
    ],
    ['a data type', request(Op.NOOP, { dataType: 2 }), '! byte 5: the data type is 2, not 0'],
    [
      'extras of a reply that are not flags',
      reply(Op.GET, { extras: 'abc' }),
      '! byte 4: extras of 3 bytes are not those of this opcode',
    ],
    [
      'lengths that disagree',
      request(Op.GET, { keyLength: 9, bodyLength: 1 }),
      '! byte 2: 0 bytes of extras and 9 of key do not fit into a body of 1',
    ],
    [
      'a frame that is cut off',
      request(Op.GET, { key: 'key' }).subarray(0, -1),
      `! byte ${HEADER_LENGTH + 2}: the last message is cut off`,
    ],
    [
      'rubbish behind frames',
      Buffer.concat([request(Op.NOOP), Buffer.from('rubbish\r\n')]),
      '! byte 24: neither a frame nor a line begins with this byte',
    ],
  ]
  for (const [what, bytes, line] of wrong) {
    it(`points to the byte: ${what}`, async () => {
      const { out, code } = await runTool(['decode'], { input: bytes })
      expect(out).to.include(line)
      expect(code).to.equal(1)
    })
  }

  it('continues with the next message behind garbage', async () => {
    const bytes = Buffer.concat([
      request(Op.NOOP),
      Buffer.from('\x80\x81\x80 rubbish \x81', 'latin1'),
      request(Op.VERSION),
    ])
    expect((await messages(bytes)).at(-1)).to.equal('request version opaque=0x00000000')
  })

  it('reports how much of a long value is missing', async () => {
    const whole = request(Op.SET, { key: 'k', value: 'v'.repeat(100_000), extras: itemExtras() })
    expect((await messages(whole.subarray(0, -70))).at(-1)).to.match(
      /: 70 bytes of the last value are missing$/,
    )
  })

  prints(
    'tells data of text that do not end where they should',
    'set k 0 0 3\r\nblue\r\nget k\r\n',
    'request set key="k" flags=0 exptime=0 value[3]="blu" ! byte 16: the data do not end here in CR LF',
    'line "e"',
    'request get keys="k"',
  )
})

describe('decode, of text and meta', () => {
  prints(
    'prints a store',
    'set sky 5 60 4 noreply\r\nblue\r\n',
    'request set key="sky" flags=5 exptime=60 noreply value[4]="blue"',
  )
  prints(
    'prints a cas',
    'cas sky 5 60 4 99\r\nblue\r\n',
    'request cas key="sky" flags=5 exptime=60 cas=99 value[4]="blue"',
  )
  prints('prints a get of several keys', 'get a b\r\n', 'request get keys="a","b"')
  prints('prints a touch', 'touch k 60\r\n', 'request touch key="k" exptime=60')
  prints(
    'prints a counter and its answer',
    'incr k 5\r\n15\r\n',
    'request incr key="k" delta=5',
    'reply number=15',
  )
  prints(
    'prints hits and their end',
    'VALUE sky 5 4 77\r\nblue\r\nEND\r\n',
    'reply VALUE key="sky" flags=5 cas=77 value[4]="blue"',
    'reply END',
  )
  prints(
    'prints an error with its text',
    'CLIENT_ERROR bad data chunk\r\n',
    'reply CLIENT_ERROR bad data chunk',
  )
  prints('prints a statistic', 'STAT version 1.6.18\r\n', 'reply STAT name=version value="1.6.18"')
  prints(
    'prints a value that looks like lines',
    'set k 0 0 8\r\nEND\r\nget\r\n',
    'request set key="k" flags=0 exptime=0 value[8]="END\\r\\nget"',
  )
  prints('prints what it does not know', 'hello world\r\n', 'line "hello world"')
  prints('takes lines that end in LF', 'get a\nget b\n', 'request get keys="a"', 'request get keys="b"')
  prints(
    'prints meta requests and their answers',
    'mg sky v c T30\r\nVA 4 c12\r\nblue\r\nms sky 4 F5\r\nblue\r\nHD\r\nmn\r\nMN\r\n',
    'request mg key="sky" flags=v,c,T30',
    'reply VA flags=c12 value[4]="blue"',
    'request ms key="sky" flags=F5 value[4]="blue"',
    'reply HD',
    'request mn',
    'reply MN',
  )
  prints('decodes a key in base64', 'mg Zm9v b v\r\n', 'request mg key="foo" base64=Zm9v flags=b,v')
})

describe('decode, of hex dumps', () => {
  const bytes = Buffer.concat([
    request(Op.SET, { key: 'abcd', value: 'dead beef', extras: itemExtras() }),
    request(Op.NOOP),
  ])
  const expected = [
    'request set key="abcd" flags=0 expiry=0 opaque=0x00000000 value[9]="dead beef"',
    'request noop opaque=0x00000000',
  ]
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, index) =>
    bytes.subarray(16 * index, 16 * index + 16),
  )
  const pairs = (row: Buffer): string[] => row.toString('hex').match(/../g)!
  const text = (row: Buffer): string => row.toString('latin1').replaceAll(/[^ -~]/g, '.')
  const offset = (index: number, digits: number): string => (16 * index).toString(16).padStart(digits, '0')

  const dumps: Readonly<Record<string, string>> = {
    xxd: rows
      .map(
        (row, index) =>
          `${offset(index, 8)}: ${row
            .toString('hex')
            .match(/.{1,4}/g)!
            .join(' ')
            .padEnd(39)}  ${text(row)}\n`,
      )
      .join(''),
    'hexdump -C': `${rows
      .map(
        (row, index) =>
          `${offset(index, 8)}  ${pairs(row).slice(0, 8).join(' ')}  ${pairs(row).slice(8).join(' ')}  |${text(row)}|\n`,
      )
      .join('')}${offset(rows.length, 8)}\n`,
    'the bytes pane of Wireshark': rows
      .map((row, index) => `${offset(index, 4)}   ${pairs(row).join(' ').padEnd(47)}   ${text(row)}\n`)
      .join(''),
    'xxd -p': bytes.toString('hex').replaceAll(/(.{60})/g, '$1\n'),
    'the hex stream of Wireshark': bytes.toString('hex'),
    'capital letters': bytes.toString('hex').toUpperCase(),
  }
  for (const [name, dump] of Object.entries(dumps)) {
    it(`reads them as ${name} writes them`, async () => {
      expect(await messages(dump, '--hex')).to.deep.equal(expected)
    })
  }

  it('reads a hex stream of any length, however it was cut', async () => {
    const long = request(Op.SET, { key: 'k', value: 'v'.repeat(50_000), extras: itemExtras() }).toString(
      'hex',
    )
    const input = [long.slice(0, 9001), long.slice(9001, 60_000), long.slice(60_000)].map((piece) =>
      Buffer.from(piece),
    )
    const { out } = await runTool(['decode', '--hex'], { input })
    expect(out).to.match(/^0 +request set key="k" .* value\[50000\]/)
  })

  it('reports which line is not a hex dump', async () => {
    const { code, complaints } = await runTool(['decode', '--hex'], { input: Buffer.from('8000\nhello\n') })
    expect({ code, complaints }).to.deep.equal({
      code: 1,
      complaints: ['-: line 2 is not a hex dump: hello'],
    })
    const endless = await runTool(['decode', '--hex'], { input: Buffer.alloc(2_000_000, 'z') })
    expect(endless.complaints).to.deep.equal(['-: line 1 is not a hex dump: it does not end'])
  })
})

describe('decode, of files', () => {
  it('reads a file by its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-decode-'))
    try {
      const file = join(folder, 'frames')
      writeFileSync(file, request(Op.NOOP))
      const { out, code } = await runTool(['decode', file])
      expect({ out, code }).to.deep.equal({ out: '0        request noop opaque=0x00000000\n', code: 0 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reports that a file does not exist', async () => {
    const { code, complaints } = await runTool(['decode', '/no/such/file'])
    expect(code).to.equal(66)
    expect(complaints.join()).to.match(/^decode: \/no\/such\/file cannot be read: no such file or directory$/)
  })

  it('prints nothing for nothing', async () => {
    expect(await runTool(['decode'])).to.deep.include({ out: '', code: 0, complaints: [] })
  })
})
