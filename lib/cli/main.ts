#!/usr/bin/env node
/** The program `keepcached`: reads the command line and serves until a signal ends it, or runs the tool in its first word. */
import { helpText } from '../options/help.js'
import { parseOptions, type Serve } from '../options/sources/parse-options.js'
import { complain } from './complain.js'
import { ExitCode } from './exit-codes.js'
import { packageFile, version } from './package-file.js'
import { beginEarlySignals } from './server/early-signals.js'
import { takeInheritedSockets } from './server/inherited-sockets.js'

const words = process.argv.slice(2)
// The options of a server begin with a dash. A name selects one of the tools, which do not load the server.
if (words[0]?.startsWith('-') === false) {
  const { runTool } = await import('./run-tool.js')
  await runTool(words)
}
beginEarlySignals()
await runServer()

async function runServer(): Promise<void> {
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
      process.exitCode = ExitCode.USAGE
      break
    case 'serve':
      await start(commandLine)
  }
}

async function start(asked: Serve): Promise<void> {
  const inheritedSockets = takeInheritedSockets(process.env)
  const options = { ...asked.options, inheritedSockets }
  const { serve } = await import('./server/serve.js')
  if (!asked.isDaemon) return serve({ ...asked, options })
  if (inheritedSockets.length > 0) {
    complain('-d: a daemon cannot take over sockets that were opened for the process that starts it')
    process.exit(ExitCode.USAGE)
  }
  const { becomeDaemon, startDaemon, tellListening } = await import('./server/daemon.js')
  if (!becomeDaemon(process.env)) process.exit(await startDaemon(words, options.verbosity))
  await serve({ ...asked, options })
  tellListening()
}
