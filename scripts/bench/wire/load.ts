// The process that loads one server with one scenario: load.js SCENARIO PORT SERVER-PID. It sends 'ready' once every key is
// set and the replies to the first batch are right. Then each message with a number of seconds is a run.
import { multiSet } from './batches.js'
import { exchange } from './exchange.js'
import { Generator } from './generator.js'
import { SCENARIOS } from './scenarios.js'

const [name, port, serverPid] = process.argv.slice(2)
process.once('uncaughtException', (error) => {
  console.error(`${name}: ${error.message}`)
  process.exit(1)
})
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())

const scenario = SCENARIOS.find((row) => row.name === name)
if (scenario === undefined) throw new Error('no such scenario')

/** Over TLS memcached 1.6.18 stops answering clients that send much more at once. */
const KEYS_SET_AT_ONCE = 100
const value = Buffer.alloc(scenario.valueLength, 'value ')
const keys = Array.from({ length: scenario.keyCount }, (_, index) =>
  Buffer.from(`key:${`${index}`.padStart(8, '0')}`),
)
const batches = []
for (let first = 0; first + scenario.keysPerBatch <= keys.length; first += scenario.keysPerBatch)
  batches.push(scenario.build(keys.slice(first, first + scenario.keysPerBatch), value))

const target = { port: Number(port), isEncrypted: scenario.isEncrypted }
for (let first = 0; scenario.isFilled && first < keys.length; first += KEYS_SET_AT_ONCE)
  await exchange(target, multiSet(keys.slice(first, first + KEYS_SET_AT_ONCE), value))
await exchange(target, batches[0]!)

const generator = new Generator(Number(serverPid))
await generator.connect(target, scenario.connectionCount, batches)
process.on('message', async (seconds) => process.send?.(await generator.run(Number(seconds))))
process.send?.('ready')
