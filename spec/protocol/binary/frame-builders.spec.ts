import { expect } from 'chai'
import {
  opcodeCode,
  opcodeName,
  readExtras,
  reply,
  request,
  statusCode,
  statusName,
  statusText,
} from '../../../lib/protocol/index.js'
import { codeThrownBy } from '../../support/any-frame.js'

describe('frames of the binary protocol', () => {
  describe('built by name', () => {
    it('have empty and zero fields by default', () => {
      const nothing = Buffer.alloc(0)
      const parts = { dataType: 0, opaque: 0, cas: 0n, extras: nothing, key: nothing, value: nothing }
      expect(request('noop')).to.deep.equal({ magic: 0x80, opcode: 0x0a, vbucket: 0, ...parts })
      expect(reply('noop')).to.deep.equal({ magic: 0x81, opcode: 0x0a, status: 0, ...parts })
    })

    it('take strings as UTF-8, and bytes as they are', () => {
      expect(request('get', { key: 'ключ' }).key).to.deep.equal(Buffer.from('d0bad0bbd18ed187', 'hex'))
      expect(request('get', { key: Uint8Array.of(0, 255) }).key).to.deep.equal(Buffer.from('00ff', 'hex'))
    })

    it('take opcodes and statuses that have no name by their number', () => {
      expect(request(0xfe).opcode).to.equal(0xfe)
      expect(reply(0xfe, { status: 0x86 })).to.include({ opcode: 0xfe, status: 0x86 })
    })

    it('have the extras of their opcode, 0 where nothing is said', () => {
      expect(request('set').extras).to.deep.equal(Buffer.alloc(8))
      expect(request('incrementq', { extras: { initial: 5n } }).extras.toString('hex')).to.equal(
        '0000000000000000' + '0000000000000005' + '00000000',
      )
      expect(request('get').extras).to.have.length(0)
      expect(request('flush').extras).to.have.length(0)
      expect(request('flush', { extras: { expiry: 0 } }).extras).to.have.length(4)
      expect(reply('touch', { extras: { clientFlags: 1 } }).extras).to.deep.equal(Buffer.of(0, 0, 0, 1))
    })

    it('may have extras that their opcode does not want, as bytes', () => {
      expect(request('get', { extras: Buffer.of(1, 2, 3) }).extras).to.deep.equal(Buffer.of(1, 2, 3))
    })

    it('have only the names of the tables', () => {
      expect(codeThrownBy(() => request('fetch'))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => request('get', { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => request(0xfe, { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => reply('get', { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => reply('get', { status: 'LOST' as 'OK' }))).to.equal('UNKNOWN_NAME')
    })
  })

  describe('and their extras', () => {
    it('are read by the row of the opcode', () => {
      const counter = { delta: 2n ** 64n - 1n, initial: 7n, expiry: 0xffff_ffff }
      expect(readExtras(request('decrement', { extras: counter }))).to.deep.equal(counter)
      expect(readExtras(request('setq', { extras: { clientFlags: 1 } }))).to.deep.equal({
        clientFlags: 1,
        expiry: 0,
      })
      expect(readExtras(request('gatkq', { extras: { expiry: 9 } }))).to.deep.equal({ expiry: 9 })
      expect(readExtras(reply('gat', { extras: { clientFlags: 3 } }))).to.deep.equal({ clientFlags: 3 })
    })

    it('are an empty object where none are needed', () => {
      for (const frame of [request('get'), request('flush'), request(0xfe), reply('get')])
        expect(readExtras(frame)).to.deep.equal({})
    })

    it('are undefined where their length is not that of the row', () => {
      for (const frame of [
        request('set', { extras: Buffer.alloc(0) }),
        request('set', { extras: Buffer.alloc(7) }),
        request('get', { extras: Buffer.alloc(4) }),
        request(0xfe, { extras: Buffer.alloc(4) }),
        reply('get', { extras: Buffer.alloc(8) }),
      ])
        expect(readExtras(frame)).to.equal(undefined)
    })
  })

  describe('and their names', () => {
    it('map opcodes to names and back', () => {
      expect(opcodeName(0x0d)).to.equal('getkq')
      expect(opcodeCode('getkq')).to.equal(0x0d)
      expect(opcodeName(0xfe)).to.equal(undefined)
      expect(opcodeCode('fetch')).to.equal(undefined)
    })

    it('map statuses to names and texts and back', () => {
      expect(statusName(0x81)).to.equal('UNKNOWN_COMMAND')
      expect(statusText(0x81)).to.equal('Unknown command')
      expect(statusCode('UNKNOWN_COMMAND')).to.equal(0x81)
      expect(statusName(0x85)).to.equal(undefined)
      expect(statusText(0x85)).to.equal('')
      expect(statusCode('LOST')).to.equal(undefined)
    })
  })
})
