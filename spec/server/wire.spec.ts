/** What a connection may rely on, over each wire for connections that are not encrypted. */
import { once } from 'node:events'
import { fstatSync, mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { Listener } from '../../lib/server/listening/listener.js'
import { BareWire } from '../../lib/server/wires/bare-wire.js'
import { type BareHandle, socketOver } from '../../lib/server/wires/handle.js'
import { openWire } from '../../lib/server/wires/open-wire.js'
import { SocketWire } from '../../lib/server/wires/socket-wire.js'
import { loadSystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import { Uring } from '../../lib/server/wires/uring/uring.js'
import type { Wire } from '../../lib/server/wires/wire.js'
import { Connection } from '../support/connection.js'
import { pattern } from '../support/pattern.js'
import { newRingMemory, REPEATS_READS, toArena, URING_OBSTACLE } from '../support/uring.js'
import { accept } from './accept.js'
import { BUFFER_LENGTH, Heard, MARKER } from './heard.js'

/** More than the kernel takes at once. */
const LONG = pattern(20_000_000)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Long enough for what a wire might do and must not. */
async function quietTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn()
}

const KINDS: Record<string, (handle: BareHandle, heard: Heard, ring: Uring | undefined) => Wire> = {
  'a bare handle': (handle, heard) => openWire(handle, heard),
  'a socket': (handle, heard) => new SocketWire(socketOver(handle), heard),
  io_uring: (handle, heard, ring) => openWire(handle, heard, undefined, ring),
  'io_uring, whose requests repeat themselves': (handle, heard, ring) =>
    openWire(handle, heard, undefined, ring),
  'io_uring, with replies of the arena': (handle, heard, ring) => {
    const wire = openWire(handle, heard, undefined, ring)
    const send = wire.send.bind(wire)
    wire.send = (bytes) => send(bytes.length > 4096 ? bytes : toArena(ring!.memory, bytes))
    return wire
  },
}

describe('The wire of an accepted handle', () => {
  it('is bare where this Node has what that needs, and a socket where a part of it is missing', async () => {
    for (const missing of ['useUserBuffer', 'readStart', 'writev', 'shutdown']) {
      const { handle, client, listener } = await accept()
      Object.defineProperty(handle, missing, { value: undefined, configurable: true })
      const heard = new Heard()
      const wire = openWire(handle, heard)
      expect(wire, missing).to.be.instanceOf(SocketWire)
      Reflect.deleteProperty(handle, missing)
      wire.destroy()
      await heard.until(() => heard.events.includes('closed'))
      client.close()
      await listener.close()
    }
    const { handle, client, listener } = await accept()
    const wire = openWire(handle, new Heard())
    expect(wire).to.be.instanceOf(BareWire)
    wire.destroy()
    client.close()
    await listener.close()
  })
})

for (const [kind, openOver] of Object.entries(KINDS))
  describe(`A wire over ${kind}`, () => {
    let listener: Listener
    let client: Connection
    let handle: BareHandle
    let heard: Heard
    let wire: Wire
    let ring: Uring | undefined

    before(function () {
      if (!kind.startsWith('io_uring')) return
      if (URING_OBSTACLE !== undefined) this.skip()
      const repeatsReads = kind.includes('repeat')
      if (repeatsReads && !REPEATS_READS) this.skip()
      ring = Uring.open(loadSystemCalls(), newRingMemory())
      ring.repeatsReads = repeatsReads
    })

    after(() => ring?.close())

    beforeEach(async () => {
      ;({ listener, client, handle } = await accept())
      heard = new Heard()
      wire = openOver(handle, heard, ring)
      heard.wire = wire
    })

    afterEach(async () => {
      wire.destroy()
      client.close()
      await heard.until(() => heard.events.includes('closed'))
      await quietTurns()
      expect(heard.events.filter((event) => event === 'closed')).to.have.length(1)
      await listener.close()
    })

    /** The system's own view of the socket, at this moment. */
    const isOpen = (fd: number): boolean => {
      try {
        return fstatSync(fd).isSocket()
      } catch {
        return false
      }
    }

    it('reads into the buffer that it was given last, and into no other', async () => {
      const buffers = Array.from({ length: 7 }, () => Buffer.alloc(BUFFER_LENGTH, MARKER))
      let current = 0
      let isTouched = false
      heard.onReceived = (length) => {
        for (const [index, buffer] of buffers.entries()) {
          const start = index === current ? length : 0
          if (buffer.subarray(start).some((byte) => byte !== MARKER)) isTouched = true
          buffer.fill(MARKER)
        }
        current = (current + 1) % buffers.length
        heard.buffer = buffers[current]!
        return true
      }
      // The first read goes to the buffer of the beginning.
      client.send(Buffer.from('first'))
      await heard.until(() => heard.text === 'first')
      buffers.forEach((buffer) => void buffer.fill(MARKER))
      const sent = pattern(10_000)
      client.send(sent)
      await heard.until(() => heard.text.length === sent.length + 'first'.length)
      expect(Buffer.from(heard.text.slice('first'.length), 'latin1').equals(sent)).to.equal(true)
      expect(isTouched).to.equal(false)
    })

    it('reads nothing after a pause, and everything after it goes on', async () => {
      heard.onReceived = () => false
      const sent = pattern(1000)
      client.send(sent)
      await heard.until(() => heard.bytes.length === 1)
      await quietTurns()
      expect(heard.bytes).to.have.length(1)
      while (heard.text.length < sent.length) {
        const { length } = heard.bytes
        wire.resume()
        await heard.until(() => heard.bytes.length > length)
      }
      expect(Buffer.from(heard.text, 'latin1').equals(sent)).to.equal(true)
    })

    it('reads nothing while it is paused, and everything once it is resumed', async () => {
      const sent = pattern(1000)
      wire.pause()
      wire.pause()
      client.send(sent)
      client.endSide()
      await quietTurns()
      expect([heard.bytes.length, heard.events.length]).to.deep.equal([0, 0])
      wire.resume()
      await heard.until(() => heard.events.length > 0)
      expect(Buffer.from(heard.text, 'latin1').equals(sent)).to.equal(true)
    })

    it('says after a pause that the peer has ended during it', async () => {
      wire.pause()
      client.endSide()
      await quietTurns()
      expect(heard.events).to.deep.equal([])
      wire.resume()
      await heard.until(() => heard.events.length > 0)
      expect(heard.events).to.deep.equal(['ended'])
    })

    it('says that the peer has ended once, and after all that came before', async () => {
      heard.onReceived = () => false
      client.send(pattern(BUFFER_LENGTH * 2))
      client.endSide()
      await heard.until(() => heard.bytes.length === 1)
      await quietTurns()
      expect(heard.events).to.deep.equal([])
      wire.resume()
      await heard.until(() => heard.bytes.length === 2)
      await quietTurns()
      expect(heard.events).to.deep.equal([])
      wire.resume()
      await heard.until(() => heard.events.length > 0)
      await quietTurns()
      expect(heard.events).to.deep.equal(['ended'])
      // It can still be answered.
      expect(wire.send(Buffer.from('reply'))).to.equal(true)
      expect(`${await client.receive(5)}`).to.equal('reply')
    })

    it('ends its side, and reads on', async () => {
      wire.send(Buffer.from('last'))
      wire.endSending()
      wire.endSending()
      expect(await client.receiveRest()).to.deep.equal({
        bytes: Buffer.from('last'),
        ending: 'end of stream',
      })
      client.send(Buffer.from('more'))
      await heard.until(() => heard.text === 'more')
    })

    for (const [manner, send] of [
      ['in one piece', () => wire.send(Buffer.from(LONG))],
      [
        'in many pieces',
        () =>
          wire.sendAll(
            Array.from({ length: 20 }, (_, n) => Buffer.from(LONG.subarray(n * 1e6, (n + 1) * 1e6))),
          ),
      ],
    ] as const)
      it(`sends what the kernel does not take at once, ${manner}, and says when it has`, async () => {
        client.pause()
        expect(send()).to.equal(false)
        // Nobody but the wire has the bytes.
        collectGarbage()
        await quietTurns()
        collectGarbage()
        expect(heard.events).to.deep.equal([])
        client.resume()
        expect((await client.receive(LONG.length)).equals(LONG)).to.equal(true)
        await heard.until(() => heard.events.includes('drained'))
        expect(wire.send(Buffer.from('after'))).to.equal(true)
        expect(`${await client.receive(5)}`).to.equal('after')
      })

    it('closes at once if the kernel has taken all', async () => {
      const { fd } = handle as BareHandle & { readonly fd: number }
      expect(isOpen(fd)).to.equal(true)
      wire.send(Buffer.from('last'))
      wire.finish()
      expect(isOpen(fd)).to.equal(false)
      expect(await client.receiveRest()).to.deep.equal({
        bytes: Buffer.from('last'),
        ending: 'end of stream',
      })
    })

    it('ends its side before it closes, if it was told to do both', async () => {
      const { fd } = handle as BareHandle & { readonly fd: number }
      wire.endSending()
      wire.finish()
      expect(isOpen(fd)).to.equal(true)
      expect((await client.receiveRest()).ending).to.equal('end of stream')
      await heard.until(() => heard.events.includes('closed'))
    })

    it('closes once the kernel has taken all, if that has to wait', async () => {
      client.pause()
      expect(wire.send(Buffer.from(LONG))).to.equal(false)
      wire.finish()
      await quietTurns()
      expect(heard.events).not.to.include('closed')
      client.resume()
      const { bytes, ending } = await client.receiveRest()
      expect(bytes.equals(LONG)).to.equal(true)
      expect(ending).to.equal('end of stream')
      await heard.until(() => heard.events.includes('closed'))
    })

    it('reads nothing more once it is destroyed in the midst of a read', async () => {
      const { fd } = handle as BareHandle & { readonly fd: number }
      heard.onReceived = () => {
        wire.destroy()
        expect(isOpen(fd)).to.equal(false)
        heard.isOver = true
        return true
      }
      client.send(pattern(BUFFER_LENGTH * 10))
      await heard.until(() => heard.events.includes('closed'))
      expect(heard.bytes).to.have.length(1)
      expect(wire.send(Buffer.from('late'))).to.equal(true)
      wire.resume()
      wire.endSending()
      wire.finish()
      await quietTurns()
      expect(heard.bytes).to.have.length(1)
    })

    it('reads on if it is told to while it reads', async () => {
      wire.resume()
      wire.resume()
      client.send(Buffer.from('one'))
      await heard.until(() => heard.text === 'one')
      wire.resume()
      client.send(Buffer.from('two'))
      await heard.until(() => heard.text === 'onetwo')
      expect(heard.events).to.deep.equal([])
    })

    it('is closed by a reset of its peer', async () => {
      client.reset()
      await heard.until(() => heard.events.length > 0)
      expect(heard.events).to.deep.equal(['closed'])
    })

    it('is closed by a reset of its peer though it does not read, if it has something to send', async () => {
      heard.onReceived = () => false
      client.pause()
      client.send(Buffer.from('x'))
      await heard.until(() => heard.text === 'x')
      expect(wire.send(Buffer.from(LONG))).to.equal(false)
      client.reset()
      await heard.until(() => heard.events.length > 0)
      expect(heard.events).to.deep.equal(['closed'])
    })

    it('is closed by a reset of its peer, and says nothing of what it could not send', async () => {
      client.pause()
      expect(wire.send(Buffer.from(LONG))).to.equal(false)
      client.reset()
      await heard.until(() => heard.events.includes('closed'))
      expect(heard.events).not.to.include('drained')
    })

    it('says that all was taken only when that is so of all writes', async () => {
      client.pause()
      expect(wire.send(Buffer.from(LONG))).to.equal(false)
      expect(wire.send(Buffer.from('last'))).to.equal(false)
      client.resume()
      expect((await client.receive(LONG.length)).equals(LONG)).to.equal(true)
      expect(`${await client.receive(4)}`).to.equal('last')
      await heard.until(() => heard.events.length > 0)
      await quietTurns()
      // A stream says so for each of its writes.
      if (kind !== 'a socket') expect(heard.events).to.deep.equal(['drained'])
    })

    it('may send more as soon as it is told that all was taken', async () => {
      client.pause()
      expect(wire.send(Buffer.from(LONG))).to.equal(false)
      heard.onDrained = () => {
        heard.onDrained = () => undefined
        wire.send(Buffer.from('and more'))
      }
      client.resume()
      await client.receive(LONG.length)
      expect(`${await client.receive(8)}`).to.equal('and more')
    })

    it('has the addresses of both sides', async () => {
      const { port } = listener
      expect(wire.localAddress).to.equal(`127.0.0.1:${port}`)
      expect(wire.remoteAddress).to.match(/^127\.0\.0\.1:\d+$/)
      expect(wire.remoteAddress).not.to.equal(wire.localAddress)
    })

    it('has no addresses over a unix socket, and serves there as well', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'keepcached-wire-'))
      const local = await accept(join(folder, 'socket'))
      const here = new Heard()
      const other = openOver(local.handle, here, ring)
      expect([other.localAddress, other.remoteAddress]).to.deep.equal(['', ''])
      local.client.send(Buffer.from('ask'))
      await here.until(() => here.text === 'ask')
      other.send(Buffer.from('reply'))
      other.finish()
      expect(await local.client.receiveRest()).to.deep.equal({
        bytes: Buffer.from('reply'),
        ending: 'end of stream',
      })
      await here.until(() => here.events.includes('closed'))
      local.client.close()
      await local.listener.close()
      rmSync(folder, { recursive: true })
    })

    it('brackets addresses of IPv6', async function () {
      const server = net.createServer()
      server.listen(0, '::1')
      const [event] = await Promise.race([once(server, 'error'), once(server, 'listening').then(() => [])])
      server.close()
      if (event !== undefined) return this.skip()
      const [at] = await Listener.openTcp('::1', 0, {
        backlog: 1,
        verify: null,
        accept: (accepted) => {
          const other = openOver(accepted as BareHandle, new Heard(), ring)
          other.send(Buffer.from(`${other.localAddress} ${other.remoteAddress}`))
          other.finish()
        },
      })
      const from = await Connection.open({ host: '::1', port: at!.port })
      const { bytes } = await from.receiveRest()
      expect(`${bytes}`).to.match(new RegExp(`^\\[::1\\]:${at!.port} \\[::1\\]:\\d+$`))
      from.close()
      await at!.close()
    })
  })
