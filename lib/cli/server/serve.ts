import type { Serve } from '../../options/sources/parse-options.js'
import { commandLineMessageOf } from '../../options/start-error.js'
import { OPTION_NAMES, OPTIONS, type OptionName, type ServerOptions } from '../../options/table/options.js'
import type { ListenerFacts } from '../../server/listening/listener-facts.js'
import { writePortsFile } from '../../server/listening/ports-file.js'
import type { Server } from '../../server/server.js'
import { complain, oneLine } from '../complain.js'
import { ExitCode } from '../exit-codes.js'
import { version } from '../package-file.js'
import { keepHeapSmall, setUpCompiler } from './compiler.js'
import { endEarlySignals } from './early-signals.js'
import { keepPidFile } from './pid-file.js'

/**
 * The signals that end the program, and the time for a clean end; after it the process exits anyway. A gateway has the time
 * that its engine may take, too.
 */
const STOP_MS_MAX = { SIGINT: 800, SIGTERM: 800, SIGUSR1: 4500 } as const
/** With kept items, saving may take this long, for any signal. */
const SAVE_MS_MAX = 60_000
const DAY_MS = 24 * 60 * 60 * 1000

/** Serves until a signal arrives. Resolves when the server listens. */
export async function serve(commandLine: Serve): Promise<void> {
  const { options } = commandLine
  let server: Server | undefined
  const stop = async (msMax: number) => {
    setTimeout(() => process.exit(), msMax)
    await server?.stop()
    process.exit()
  }
  // USR1 would open Node's inspector, and HUP would end the process.
  const engineMsMax = options.gateway === null && options.gatewayShadow === null ? 0 : options.gatewayTimeout
  for (const [signal, msMax] of Object.entries(STOP_MS_MAX))
    process.once(signal, () => stop(options.dataDirectory === null ? msMax + engineMsMax : SAVE_MS_MAX))
  process.on('SIGHUP', () => server?.reload())
  endEarlySignals()
  process.on('uncaughtException', (error) => {
    complain(oneLine(error))
    process.exit(ExitCode.SOFTWARE)
  })
  // The process that started this one may not read its output, or may have ended.
  process.stderr.on('error', () => undefined)

  announce(commandLine)
  try {
    if (options.gateway === null && options.gatewayShadow === null) keepHeapSmall()
    // Only now, because the help has to be fast.
    const { Server } = await import('../../server/server.js')
    const { provideAdmin } = await import('../../server/admin-door.js')
    // After the imports: Node's own code for them would be compiled with the slowest compiler, 5 MB of an idle process.
    setUpCompiler()
    provideAdmin(async () => (await import('../../admin/open-admin.js')).openAdmin)
    server = await Server.start(options, (listening) => {
      writeFiles(options, listening)
      greet(options, listening)
    })
  } catch (error) {
    complain(commandLineMessageOf(error))
    process.exit(ExitCode.SYSTEM)
  }
  // A client may end the server.
  void server.ended.then(() => process.exit())
  void server.failed.then((error) => {
    complain(error.message)
    process.exit(ExitCode.SOFTWARE)
  })
  // With `-p 0` there may be nothing to listen to; the program still runs.
  setInterval(() => undefined, DAY_MS)
}

/**
 * On a terminal, and for `npm start`, which has said that it compiles. Otherwise nothing, as memcached: a launcher expects that.
 * With -v the server logs it itself.
 */
function greet({ verbosity }: ServerOptions, listening: readonly ListenerFacts[]): void {
  const isWatched = process.stderr.isTTY || process.env['npm_lifecycle_event'] === 'start'
  if (!isWatched || verbosity > 0 || listening.length === 0) return
  const addresses = listening.map(({ address }) => address).join(', ')
  complain(`version ${version()} is listening on ${addresses}; press Ctrl-C to stop it`)
}

/** Launchers look for this file as soon as they can connect. */
function writeFiles({ pidFile }: ServerOptions, addresses: readonly ListenerFacts[]): void {
  if (pidFile !== null) keepPidFile(pidFile)
  const portsFile = process.env['MEMCACHED_PORT_FILENAME']
  if (portsFile) writePortsFile(portsFile, addresses)
}

/** Messages about the options, before they are applied. */
function announce({ options, warnings, withoutEffect }: Serve): void {
  for (const warning of warnings) complain(warning)
  if (options.verbosity >= 2 && withoutEffect.length > 0)
    complain(`taken, but without effect: ${withoutEffect.join(', ')}`)
  if (options.verbosity >= 3) for (const name of OPTION_NAMES) complain(`${name}: ${written(name, options)}`)
}

function written<Name extends OptionName>(name: Name, options: ServerOptions): string {
  return OPTIONS[name].kind.write(options[name])
}
