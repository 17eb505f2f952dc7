#!/usr/bin/env node
/** The program `keepcached`: reads the command line and serves until a signal ends it. */
import { readFileSync } from 'node:fs'
import { helpText } from '../server/help.js'
import { parseOptions, type Serve } from '../server/parse-options.js'
import { complain, EX_USAGE } from './complain.js'
import { takeInheritedSockets } from './inherited-sockets.js'

const words = process.argv.slice(2)
const commandLine = parseOptions(words, process.env)
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
    await start(commandLine)
}

async function start(asked: Serve): Promise<void> {
  const inheritedSockets = takeInheritedSockets(process.env)
  const options = { ...asked.options, inheritedSockets }
  const { serve } = await import('./serve.js')
  if (!asked.isDaemon) return serve({ ...asked, options })
  if (inheritedSockets.length > 0) {
    complain('-d: a daemon cannot take over sockets that were opened for the process that starts it')
    process.exit(EX_USAGE)
  }
  const { becomeDaemon, startDaemon, tellListening } = await import('./daemon.js')
  if (!becomeDaemon(process.env)) process.exit(await startDaemon(words, options.verbosity))
  await serve({ ...asked, options })
  tellListening()
}

function version(): string {
  return JSON.parse(packageFile('package.json')).version
}

function packageFile(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
}
