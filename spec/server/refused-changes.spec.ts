import { expect } from 'chai'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { line } from '../support/text-replies.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024

/** A worker's replies to lines that arrive at once. */
function answerTo(kit: ReturnType<typeof createWorkerKit>, ...requests: string[]): string {
  const client = new ClientWithoutSocket(kit.worker)
  const answer = client.ask(Buffer.concat(requests.map(line)))
  client.connection.closed()
  return answer
}

describe('A worker whose changes cannot be kept', () => {
  const kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
  before(() => {
    answerTo(kit, 'set key 0 100 5', 'value')
    kit.context.gate = { isTaking: false, isTakingRemovals: false, isTakingFlushes: false }
  })

  const FAILURE = 'SERVER_ERROR temporary failure\r\n'
  for (const request of [
    ['set key 0 0 3', 'new'],
    ['set key 0 0 3 noreply', 'new'],
    ['append key 0 0 3', 'new'],
    ['ms key 3', 'new'],
    ['incr key 1'],
    ['ma key N0'],
    ['delete key'],
    ['md key I'],
    ['touch key 0'],
    ['gat 0 key'],
    ['gats 0 key other'],
    ['mg key T0'],
    ['mg other N0 v'],
    ['flush_all'],
    ['flush_prefix k'],
  ])
    it(`refuses ${request[0]}`, () => {
      expect(answerTo(kit, ...request)).to.equal(request[0]!.includes('noreply') ? '' : FAILURE)
      expect(answerTo(kit, 'mg key v t')).to.equal('VA 5 t100\r\nvalue\r\n')
      expect(answerTo(kit, 'mg other v')).to.equal('EN\r\n')
    })

  it('accepts what only removes, if the gate does', () => {
    const gate = { isTaking: false, isTakingRemovals: false, isTakingFlushes: true }
    kit.context.gate = gate
    expect(answerTo(kit, 'delete other')).to.equal(FAILURE)
    expect(answerTo(kit, 'flush_prefix none', 'flush_all 100')).to.equal('OK\r\nOK\r\n')
    kit.context.gate = { ...gate, isTakingRemovals: true, isTakingFlushes: false }
    expect(answerTo(kit, 'delete other')).to.equal('NOT_FOUND\r\n')
    expect(answerTo(kit, 'md other')).to.equal('NF\r\n')
    for (const request of ['md key I', 'md key x', 'touch key -1', 'flush_all', 'flush_prefix k'])
      expect(answerTo(kit, request), request).to.equal(FAILURE)
    kit.context.gate = { ...gate, isTakingFlushes: false }
  })

  it('still answers gets, and still asks one client to renew an item', () => {
    expect(answerTo(kit, 'get key', 'gets none', 'mg key k v')).to.equal(
      'VALUE key 0 5\r\nvalue\r\nEND\r\nEND\r\nVA 5 kkey\r\nvalue\r\n',
    )
    expect(answerTo(kit, 'mg key R1000', 'mg key R1000')).to.equal('HD W\r\nHD Z\r\n')
  })
})
