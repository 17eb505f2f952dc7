/** `keepcached test-server`: a server for tests in any language, which they control by HTTP. */
import { isIP } from 'node:net'
import { type HttpControl, startHttpControl } from '../../testing/control/http-control.js'
import { Serving } from '../../testing/serving/serving.js'
import { completeTestOptions, type TestServerOptions } from '../../testing/test-options.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

export const testServer: Run = async (given, io) => {
  const place = controlPlaceOf(given)
  const serving = await started(() => Serving.start(optionsOf(given)))
  let control: HttpControl | undefined
  try {
    if (place !== undefined) control = await started(() => startHttpControl(serving, place))
    await io.write(announcement(given, serving, place, control))
    await end(given, io, serving)
  } finally {
    control?.close()
    await serving.stop()
  }
  return ExitCode.OK
}

function optionsOf(given: ParsedArguments): ReturnType<typeof completeTestOptions> {
  const options: TestServerOptions = {
    host: given.text('host') ?? '127.0.0.1',
    port: given.number('port', 11211, [0, 65535]),
    clock: (given.text('clock') ?? 'real') as 'real' | 'manual',
    ...(given.has('now') && { now: given.text('now')! }),
    ...(given.has('seed') && { seed: given.number('seed', 0, [0, 2 ** 32 - 1]) }),
    ...(given.has('memory-limit') && { memoryMegabytes: given.number('memory-limit', 16, [1, 3500]) }),
  }
  try {
    return completeTestOptions(options)
  } catch (error) {
    throw new Refusal(ExitCode.USAGE, `test-server: ${(error as Error).message}`)
  }
}

interface Place {
  readonly host: string
  readonly port: number
}

/** The address of the control. It is not protected, so other machines can reach it only by an explicit option. */
function controlPlaceOf(given: ParsedArguments): Place | undefined {
  const text = given.text('control')
  if (text === undefined) return undefined
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || host === '' || port > 65535)
    throw new Refusal(ExitCode.USAGE, `--control: ${text} is not HOST:PORT`)
  if (!isLoopback(host) && !given.has('control-from-anywhere'))
    throw new Refusal(
      ExitCode.USAGE,
      `--control: other machines can reach ${host}; say so with --control-from-anywhere`,
    )
  return { host, port }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

async function started<Started>(start: () => Promise<Started>): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(ExitCode.SYSTEM, (error as Error).message)
  }
}

/** One line: for programs the ports alone, the server's first. */
function announcement(
  given: ParsedArguments,
  { host, port }: Place,
  place: Place | undefined,
  control: HttpControl | undefined,
): string {
  if (given.has('print-port')) return `${[port, ...(control ? [control.port] : [])].join(' ')}\n`
  const controlled = control === undefined ? '' : `, control on http://${place?.host}:${control.port}/test`
  return `keepcached: test server on ${host}:${port}${controlled}\n`
}

/** Resolves when a signal comes, a client has ended the server, or, if that was asked for, standard input has ended. */
async function end(given: ParsedArguments, io: Io, serving: Serving): Promise<void> {
  const signal = io.interruption()
  // A test server keeps no process alive: this does.
  const alive = setInterval(() => undefined, ALIVE_MS)
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const ends = given.has('until-stdin-ends') ? [endOf(io.input)] : []
  await Promise.race([serving.ended, interrupted, ...ends])
  clearInterval(alive)
}

const ALIVE_MS = 60_000

async function endOf(input: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of input);
}
