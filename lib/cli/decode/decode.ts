/** `keepcached decode`: bytes, a hex dump or a capture, printed message by message. Memory does not grow with the input. */
import { createReadStream } from 'node:fs'
import { MessageCutter } from '../../check/wire/message-cutter.js'
import { isSystemError, reasonOf } from '../../journal/disk/system-error.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { HexDump, HexError } from './hex-dump.js'
import { CaptureError, type CaptureReader } from './packet.js'
import { isPcap, PcapReader } from './pcap.js'
import { isPcapng, PcapngReader } from './pcapng.js'
import { Printer } from './printer.js'
import { isKnownLinkType } from './segment.js'
import { TcpStreams } from './tcp-streams.js'

const DEFAULT_PORT = 11211
const PORT_BOUNDS = [1, 65535] as const
const PREVIEW_LENGTH = 48
const PREVIEW_BOUNDS = [0, 1024] as const
const READ_LENGTH = 256 * 1024
/** The first bytes identify a capture. */
const MAGIC_LENGTH = 4

export const decode: Run = async (given, io) => {
  const printer = new Printer(io, given.number('preview', PREVIEW_LENGTH, PREVIEW_BOUNDS))
  const port = given.number('port', DEFAULT_PORT, PORT_BOUNDS)
  const [path = '-'] = given.operands
  try {
    await printInput(inputOf(path, io), given.has('hex'), port, printer)
  } catch (error) {
    await printer.flush()
    throw refusalOf(error, path)
  }
  await printer.flush()
  return printer.hasSeenFaults ? ExitCode.NO : ExitCode.OK
}

async function printInput(
  input: AsyncIterable<Buffer>,
  isHex: boolean,
  port: number,
  printer: Printer,
): Promise<void> {
  const bytes = withWholeMagic(isHex ? undumped(input) : input)
  const first = await bytes.next()
  if (first.done) return
  const chunks = startingWith(first.value, bytes)
  const capture = captureReaderFor(first.value)
  if (capture === undefined) await printStream(chunks, printer)
  else await printCapture(chunks, capture, port, printer)
}

async function printStream(chunks: AsyncIterable<Buffer>, printer: Printer): Promise<void> {
  const cutter = new MessageCutter()
  for await (const chunk of chunks) {
    cutter.push(chunk)
    printer.printAll(cutter)
    await printer.flush()
  }
  printer.printEnd(cutter)
}

async function printCapture(
  chunks: AsyncIterable<Buffer>,
  capture: CaptureReader,
  port: number,
  printer: Printer,
): Promise<void> {
  const streams = new TcpStreams(printer, port)
  for await (const chunk of chunks) {
    capture.push(chunk)
    for (let packet = capture.read(); packet !== undefined; packet = capture.read()) {
      if (!isKnownLinkType(packet.linkType))
        throw new CaptureError(`packets of link type ${packet.linkType} are not understood`)
      streams.push(packet)
    }
    await printer.flush()
  }
  streams.end()
  if (capture.heldLength > 0) throw new CaptureError('the last packet is cut off')
}

function captureReaderFor(start: Buffer): CaptureReader | undefined {
  if (isPcap(start)) return new PcapReader()
  return isPcapng(start) ? new PcapngReader() : undefined
}

function inputOf(path: string, io: Io): AsyncIterable<Buffer> {
  return path === '-' ? io.input : createReadStream(path, { highWaterMark: READ_LENGTH })
}

async function* undumped(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const dump = new HexDump()
  for await (const chunk of input) yield dump.push(chunk)
  yield dump.end()
}

/** The same bytes, but the first chunk contains the whole magic of a capture, if there are enough bytes. */
async function* withWholeMagic(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let start: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of input) {
    if (start === undefined) yield chunk
    else {
      start = Buffer.concat([start, chunk])
      if (start.length < MAGIC_LENGTH) continue
      yield start
      start = undefined
    }
  }
  if (start !== undefined && start.length > 0) yield start
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

function refusalOf(error: unknown, path: string): unknown {
  const isOfCapture = error instanceof CaptureError || error instanceof HexError
  if (isOfCapture) return new Refusal(ExitCode.NO, `${path}: ${error.message}`)
  if (!isSystemError(error)) return error
  return new Refusal(ExitCode.NO_INPUT, `decode: ${path} cannot be read: ${reasonOf(error)}`)
}
