// node scripts/bench.mjs prefix: how long the flush of a prefix takes, and how long gets wait while its items are buried. See README.md.
import { parseArgs } from 'node:util'
import { type PrefixFlush, prefixFlushes } from './prefix/prefix-flushes.js'
import { CAN_PIN, moveToLoadCore } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, serverKinds } from './support/server-kinds.js'
import { tableLine } from './support/table.js'

const HELP = `node scripts/bench.mjs prefix [OPTIONS]
The list of the keys below one prefix, and flush_prefix of half of a server's items, again and again: its reply, the longest get
meanwhile, and the sweep.

  --items N           how many items begin with the prefix, and as many others stay (500000)
  --rounds N          how often they are stored and flushed (5)
${SERVER_HELP}`

const WIDTHS = [6, 15, 15, 11, 16, 19, 14, 20]

await runProgram('prefix', HELP, async (given) => {
  const options = {
    items: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '5' },
    ...SERVER_OPTIONS,
  } as const
  const { values } = parseArgs({ args: given, options })
  const counts = {
    itemCount: positive('--items', values.items),
    roundCount: positive('--rounds', values.rounds),
  }
  moveToLoadCore()
  if (!CAN_PIN) console.log('not pinned to cores: the load may take time from the server')
  const [keepcached] = serverKinds(values)
  const heads = [
    'round',
    'list, ms',
    'CPU of it, ms',
    'reply, ms',
    'longest get, ms',
    'event loop max, ms',
    'all buried, s',
    'CPU of the sweep, s',
  ]
  console.log(tableLine(WIDTHS, heads))
  for (const [index, flush] of (await prefixFlushes(keepcached, counts)).entries())
    console.log(line(index + 1, flush))
})

function line(round: number, flush: PrefixFlush): string {
  const { list, replyMs, longestGetMs, longestTurnMs, sweepSeconds, cpuSeconds } = flush
  return tableLine(WIDTHS, [
    `${round}`,
    list.ms.toFixed(0),
    list.cpuMs.toFixed(0),
    replyMs.toFixed(2),
    longestGetMs.toFixed(2),
    longestTurnMs.toFixed(2),
    sweepSeconds.toFixed(2),
    cpuSeconds.toFixed(2),
  ])
}
