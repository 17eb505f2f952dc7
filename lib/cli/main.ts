#!/usr/bin/env node
/** The program `keepcached`: reads the command line and serves until a signal ends it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { helpText } from '../server/help.js'
import type { ServerOptions } from '../server/options.js'
import { parseOptions } from '../server/parse-options.js'
import { writePortsFile } from '../server/ports-file.js'
import type { Server } from '../server/server.js'

/** Exit codes as sysexits.h has them: a wrong command line, a fault of the program, something the system refuses. */
const EX_USAGE = 64
const EX_SOFTWARE = 70
const EX_OSERR = 71

/** The server has so long to end in order; then the process ends all the same. What is to be kept takes its time. */
const STOP_MS_MAX = 800
const SAVE_MS_MAX = 60_000
const DAY_MS = 24 * 60 * 60 * 1000

if (process.argv[2] === 'journal') {
  const { journal } = await import('./journal.js')
  process.exit(await journal(process.argv.slice(3), (line) => process.stdout.write(`${line}\n`)))
}

const commandLine = parseOptions(process.argv.slice(2))
switch (commandLine.kind) {
  case 'help':
    process.stdout.write(helpText(version()))
    break
  case 'version':
    process.stdout.write(`keepcached ${version()}\n`)
    break
  case 'license':
    process.stdout.write(packageFile('LICENSE'))
    break
  case 'refused':
    complain(commandLine.message)
    process.exitCode = EX_USAGE
    break
  case 'serve':
    await serve(commandLine.options)
}

async function serve(options: ServerOptions): Promise<void> {
  let server: Server | undefined
  const stop = async () => {
    setTimeout(() => process.exit(), options.dataDirectory === null ? STOP_MS_MAX : SAVE_MS_MAX)
    await server?.stop()
    process.exit()
  }
  // USR1 would open Node's inspector, and HUP, with which memcached reads its files again, would end the process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1']) process.once(signal, stop)
  process.on('SIGHUP', () => undefined)
  process.on('uncaughtException', (error) => {
    complain(oneLine(error))
    process.exit(EX_SOFTWARE)
  })
  // Who started the program need not read what it says, nor stay.
  process.stderr.on('error', () => undefined)

  if (options.udpPort !== null) complain('-U: UDP is not served yet')
  try {
    // Only now, because the help has to be quick.
    const { Server } = await import('../server/server.js')
    server = await Server.start(options)
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    process.exit(EX_OSERR)
  }
  if (options.pidFile !== null) keepPidFile(options.pidFile)
  const portsFile = process.env['MEMCACHED_PORT_FILENAME']
  if (portsFile) writePortsFile(portsFile, server.addresses)
  // With `-p 0` there may be nothing to listen to, and the program runs all the same.
  setInterval(() => undefined, DAY_MS)
}

/** The file appears whole, and goes with the process. As with memcached, a file that cannot be written ends nothing. */
function keepPidFile(path: string): void {
  try {
    writeFileSync(`${path}.tmp`, `${process.pid}\n`)
    renameSync(`${path}.tmp`, path)
    process.on('exit', () => rmSync(path, { force: true }))
  } catch (error) {
    complain(`-P: ${(error as Error).message}`)
  }
}

function complain(message: string): void {
  process.stderr.write(`keepcached: ${message}\n`)
}

/** What went wrong, and where. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const place = /^\s+at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return `${error.name}: ${error.message}${place}`.replaceAll(/\s+/g, ' ')
}

function version(): string {
  return JSON.parse(packageFile('package.json')).version
}

function packageFile(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
}
