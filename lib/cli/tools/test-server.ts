/** `keepcached test-server`: a server for tests in any language, which they control by HTTP. */
import { once } from 'node:events'
import { isLoopback, readEndpoint } from '../../options/kinds/listen-address.js'
import { commandLineMessageOf } from '../../options/start-error.js'
import type { AdminDoor } from '../../server/admin-door.js'
import { openControl } from '../../testing/control/http-control.js'
import { Serving } from '../../testing/serving/serving.js'
import type { ServingOptions } from '../../testing/serving/serving-options.js'
import { completeTestOptions, type TestServerOptions } from '../../testing/test-options.js'
import type { ParsedArguments } from '../arguments/parsed-arguments.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

export const testServer: Run = async (given, io) => {
  // Otherwise Node opens its debugger.
  const stopped = once(process, 'SIGUSR1')
  checkAdmin(given)
  const interruption = io.interruption(true)
  const serving = await started(() => Serving.start(optionsOf(given)))
  let control: AdminDoor | undefined
  try {
    control = await started(() => openControl(serving, given.has('admin-from-anywhere')))
    await io.write(announcement(given, serving, control))
    await end(given, io, interruption, [serving.ended, stopped])
  } finally {
    await Promise.all([control?.close(), serving.stop()])
  }
  return ExitCode.OK
}

function optionsOf(given: ParsedArguments): ServingOptions {
  const options: TestServerOptions = {
    host: given.text('host') ?? '127.0.0.1',
    port: given.number('port', 11211, [0, 65535]),
    clock: (given.text('clock') ?? 'real') as 'real' | 'manual',
    ...(given.has('now') && { now: given.text('now')! }),
    ...(given.has('seed') && { seed: given.number('seed', 0, [0, 2 ** 32 - 1]) }),
    ...(given.has('memory-limit') && { memoryMegabytes: given.number('memory-limit', 16, [1, 3500]) }),
  }
  try {
    const { server, ...others } = completeTestOptions(options)
    const adminTokenFile = given.text('admin-token') ?? null
    // Whoever may move the clock may also change items.
    return {
      ...others,
      server: { ...server, admin: given.text('admin') ?? null, adminTokenFile, adminWrite: true },
    }
  } catch (error) {
    throw new Refusal(ExitCode.USAGE, `test-server: ${(error as Error).message}`)
  }
}

/** Without a token, other machines can reach the control only by an explicit option. */
function checkAdmin(given: ParsedArguments): void {
  const text = given.text('admin')
  if (text === undefined) {
    if (given.has('admin-token')) throw new Refusal(ExitCode.USAGE, '--admin-token: give --admin, too')
    return
  }
  const place = readEndpoint(text)
  if (place === undefined || place.port > 65535)
    throw new Refusal(ExitCode.USAGE, `--admin: ${text} is not HOST:PORT`)
  if (!isLoopback(place.host) && !given.has('admin-from-anywhere') && !given.has('admin-token'))
    throw new Refusal(
      ExitCode.USAGE,
      `--admin: other machines can reach ${place.host}; give --admin-token, or say so with --admin-from-anywhere`,
    )
}

async function started<Started>(start: () => Promise<Started>): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(ExitCode.SYSTEM, commandLineMessageOf(error))
  }
}

/** One line: for programs the ports alone, the server's first. */
function announcement(
  given: ParsedArguments,
  { host, port }: Serving,
  control: AdminDoor | undefined,
): string {
  if (given.has('print-port'))
    return `${[port, ...(control === undefined ? [] : [new URL(control.uri).port])].join(' ')}\n`
  const controlled = control === undefined ? '' : `, control on ${control.uri}/test`
  return `keepcached: test server on ${host}:${port}${controlled}\n`
}

/** Resolves when a signal or one of these ends comes, or, if that was asked for, standard input has ended. */
async function end(
  given: ParsedArguments,
  io: Io,
  signal: AbortSignal,
  others: readonly Promise<unknown>[],
): Promise<void> {
  // A test server keeps no process alive: this does.
  const alive = setInterval(() => undefined, ALIVE_MS)
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const ends = given.has('until-stdin-ends') ? [endOf(io.input)] : []
  await Promise.race([interrupted, ...others, ...ends])
  clearInterval(alive)
}

const ALIVE_MS = 60_000

async function endOf(input: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of input);
}
