/** Long values, whose bytes come in pieces, over a connection without a socket. */
import { expect } from 'chai'
import { READ_LENGTH } from '../../lib/request/limits.js'
import { line } from '../support/text-replies.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { MEGABYTE, open as openConnection } from './one-connection.js'

const SEGMENT_LENGTH = 64 * 1024
const LONG_LENGTH = 50_000

const open = () => openConnection({ memoryLength: MEGABYTE })

describe('A long value that arrives', () => {
  it('is answered with the flags of its own line, even if other requests with flags come meanwhile', () => {
    const { kit, wire } = open()
    const other = new WireByHand(kit.worker, 2)
    wire.receive(line(`ms long ${LONG_LENGTH} F7 k Oabc s`))
    wire.receive(Buffer.alloc(LONG_LENGTH / 2, 'x'))
    other.receive('ms a 1 Oother-opaque\r\nx\r\n')
    expect(other.text).to.equal('HD Oother-opaque\r\n')
    wire.receive(Buffer.alloc(LONG_LENGTH / 2, 'x'))
    wire.receive(line(''))
    expect(wire.text).to.equal(`HD klong Oabc s${LONG_LENGTH}\r\n`)
    wire.receive('mg long f s\r\nset plain 0 0 50000\r\n')
    expect(wire.text).to.equal(`HD f7 s${LONG_LENGTH}\r\n`)
    wire.receive(Buffer.concat([Buffer.alloc(LONG_LENGTH), line('')]))
    expect(wire.text).to.equal('STORED\r\n')
  })

  it('may have its line end split by a read', () => {
    // The request is slightly longer than a read, and begins in another one.
    const valueLength = READ_LENGTH - 20
    const whole = Buffer.concat([
      line(`set key 0 0 ${valueLength}`),
      Buffer.alloc(valueLength, 'v'),
      line(''),
    ])
    expect(whole.length).to.be.above(READ_LENGTH)
    for (const last of [1, 2, 3]) {
      const { wire } = open()
      wire.receive(whole.subarray(0, 10))
      wire.receive(whole.subarray(10, whole.length - last))
      expect(wire.text).to.equal('')
      wire.receive(whole.subarray(whole.length - last))
      expect(wire.text, `the last ${last}`).to.equal('STORED\r\n')
      wire.receive('version\r\n')
      expect(wire.text).to.equal('VERSION 1.6.45\r\n')
    }
  })

  it('is refused when there is no room for its first part, and the next request is answered', () => {
    const { kit, wire } = open()
    wire.receive(Buffer.concat([line('set filler 0 0 60000'), Buffer.alloc(60_000), line('')]))
    expect(wire.text).to.equal('STORED\r\n')
    // The rest of the segment of that item, and none besides.
    let reservedCount = 0
    kit.store['staging'].mayReserve = () => reservedCount++ === 0
    const request = Buffer.concat([line(`set key 0 0 ${LONG_LENGTH}`), Buffer.alloc(LONG_LENGTH), line('')])
    wire.receive(request.subarray(0, READ_LENGTH))
    expect(wire.text).to.equal('SERVER_ERROR out of memory storing object\r\n')
    wire.receive(Buffer.concat([request.subarray(READ_LENGTH), line('version')]))
    expect(wire.text).to.equal('VERSION 1.6.45\r\n')
  })

  it('is refused when there is no room for its last byte, and the next request is answered', () => {
    // A segment has room for one of these lengths, and not for the next.
    const counts = { stored: 0, refused: 0 }
    for (let length = SEGMENT_LENGTH - 60; length < SEGMENT_LENGTH; length++) {
      const { kit, wire } = open()
      const other = new WireByHand(kit.worker, 2)
      // No segment besides the one in which the value begins.
      let reservedCount = 0
      kit.store['staging'].mayReserve = () => reservedCount++ === 0
      wire.receive(line(`set key 0 0 ${length}`))
      other.receive('set other 0 0 1 noreply\r\nx\r\n')
      wire.receive(Buffer.concat([Buffer.alloc(length), line('')]))
      const answer = wire.text
      if (answer === 'STORED\r\n') {
        counts.stored++
        expect(counts.refused, `${length} bytes`).to.equal(0)
      } else {
        expect(answer, `${length} bytes`).to.equal('SERVER_ERROR out of memory storing object\r\n')
        counts.refused++
      }
      wire.receive('get other\r\n')
      expect(wire.text).to.equal('VALUE other 0 1\r\nx\r\nEND\r\n')
      wire.connection.closed()
    }
    expect(counts.stored).to.be.within(1, 59)
  })
})
