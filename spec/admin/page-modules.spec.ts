/** What the page computes, without a browser. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { BUCKET_COUNT, endOfBucket } from '../../lib/metrics/latency/buckets.js'
import { ROOT } from '../testing/programs.js'

/** Its modules are no part of the compiled tree. */
const load = (name: string) => import(join(ROOT, 'lib', 'admin', 'page', `${name}.js`))

describe('keys on the page', () => {
  it('are shown without characters that cannot be seen or turn the text around', async () => {
    const { shown, bytesOf } = await load('data/keys')
    const show = (text: string): string => shown(bytesOf(text, undefined))
    expect(show('user:é:日本')).to.equal('user:é:日本')
    expect(show('a\u202eb\u200b\u0001\ufeff')).to.equal('a\\u{202e}b\\u{200b}\\u{1}\\u{feff}')
    expect(shown(bytesOf(undefined, Buffer.from([0xff, 0x41, 0]).toString('base64')))).to.equal('\\xffA\\x00')
  })

  it('are percent-encoded whole, and come back', async () => {
    const { encoded, decoded } = await load('data/keys')
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    expect(encoded(all)).to.match(/^[A-Za-z0-9%]+$/)
    expect(decoded(encoded(all))).to.deep.equal(all)
    expect(Buffer.from(decodeURIComponent(encoded(Buffer.from('a/../é?#%'))))).to.deep.equal(
      Buffer.from('a/../é?#%'),
    )
  })

  it('that a browser takes for a folder are known', async () => {
    const { isUnreachable } = await load('data/keys')
    const answers = ['.', '..', '...', '.a', 'a'].map((key) => isUnreachable(Buffer.from(key)))
    expect(answers).to.deep.equal([true, true, false, false, false])
  })
})

describe('samples on the page', () => {
  it('become rates, but not over a reset of the counters', async () => {
    const { Samples, shares } = await load('data/samples')
    const samples = new Samples()
    samples.add([1000, 11_000, 13_000, 15_000], { hits: [0, 100, 140, 4], misses: [0, 0, 40, 4] })
    expect(samples.rates('hits')).to.deep.equal([null, 10, 20, null])
    expect(samples.rates('hits', 'misses')[2]).to.equal(40)
    expect(shares([null, 1, 3, 0], [null, 1, 1, 0])).to.deep.equal([null, 0.5, 0.75, null])
  })

  it('come as a first value and differences', async () => {
    const { summed } = await load('data/samples')
    expect(summed([1000, 5, 0, -7])).to.deep.equal([1000, 1005, 1005, 998])
  })

  it('are added once, and forgotten after an hour', async () => {
    const { Samples } = await load('data/samples')
    const samples = new Samples()
    samples.add([1000, 2000], { hits: [1, 2] })
    samples.add([2000, 3000], { hits: [2, 3] })
    expect([samples.time, samples.figures.hits]).to.deep.equal([
      [1000, 2000, 3000],
      [1, 2, 3],
    ])
    samples.add([3_602_500], { hits: [9] })
    expect([samples.time, samples.figures.hits]).to.deep.equal([
      [3000, 3_602_500],
      [3, 9],
    ])
  })
})

describe('the columns of the heat map', () => {
  it('hold what was added between two samples, but not over a reset of the counts', async () => {
    const { Samples } = await load('data/samples')
    const { latencyColumns, latencyFigures, stepOf } = await load('data/latency-columns')
    const samples = new Samples()
    samples.add([1000, 2000], latencyFigures([{ endUs: 8, counts: [5, 9] }]))
    samples.add(
      [3000, 4000],
      latencyFigures([
        { endUs: 8, counts: [9, 1] },
        { endUs: null, counts: [2, 0] },
      ]),
    )
    const columns = latencyColumns(samples)
    expect(
      columns.map(({ startMs, endMs }: { startMs: number; endMs: number }) => [startMs, endMs]),
    ).to.deep.equal([
      [1000, 2000],
      [2000, 3000],
    ])
    const entries = columns.map(({ counts }: { counts: Map<number, number> }) => [...counts])
    expect(entries).to.deep.equal([
      [
        [stepOf(8), 4],
        [stepOf(null), 0],
      ],
      [
        [stepOf(8), 0],
        [stepOf(null), 2],
      ],
    ])
  })

  it('know the buckets of the server by their ends', async () => {
    const { stepOf, endOfStep } = await load('data/latency-columns')
    for (let bucket = 0; bucket < BUCKET_COUNT - 1; bucket++) {
      const endUs = endOfBucket(bucket) * 1000
      expect([stepOf(endUs), endOfStep(bucket)]).to.deep.equal([bucket, endUs])
    }
  })
})

describe('values on the page', () => {
  it('are uncompressed, but only so far', async () => {
    const { compressionOf, uncompressed } = await load('data/value-forms')
    const text = Buffer.from('{"a":1}')
    for (const [format, bytes] of [
      ['gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
    ] as const) {
      expect(compressionOf(bytes)).to.equal(format)
      expect(Buffer.from(await uncompressed(bytes, format))).to.deep.equal(text)
      expect(await uncompressed(bytes.subarray(0, bytes.length - 5), format)).to.equal(undefined)
    }
    expect(compressionOf(text)).to.equal(undefined)
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    expect((await uncompressed(bomb, 'gzip')).length).to.equal(4 * 1024 * 1024)
  })

  it('are text, JSON or hexadecimal', async () => {
    const { asText, asJson, asHex, isText } = await load('data/value-forms')
    expect(asJson(Buffer.from('{"a":[1]}'))).to.equal('{\n  "a": [\n    1\n  ]\n}')
    expect(asJson(Buffer.from('{"a":'))).to.equal(undefined)
    expect(asJson(Buffer.alloc(2 * 1024 * 1024, '1'))).to.equal(undefined)
    expect(asHex(Buffer.from('keep\0cached and more'))).to.equal(
      '00000000  6b 65 65 70 00 63 61 63 68 65 64 20 61 6e 64 20  keep.cached and \n' +
        '00000010  6d 6f 72 65                                      more',
    )
    const texts = ['a\tb\r\n', 'é', 'a\0b', '\u001b[0m'].map((text) => isText(Buffer.from(text)))
    expect([...texts, isText(Buffer.from([0xff]))]).to.deep.equal([true, true, false, false, false])
    expect(asText(Buffer.alloc(200_000, 'a')).length).to.be.below(140_000)
    expect(asHex(Buffer.alloc(200_000)).length).to.be.below(50_000)
  })
})

describe('the library for charts', () => {
  it('is the version of the lock file', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
    const installed = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'uplot', 'package.json'), 'utf8'))
    expect(installed.version).to.equal(lock.packages['node_modules/uplot'].version)
  })
})
