// The process of one client: load.js LIBRARY PORT. A message names a scenario and its milliseconds, and is replied to with what
// was measured.
import { allocationPerGet } from '../../../spec/client/allocation/per-get.js'
import { LIBRARIES } from './libraries.js'
import { KEYS, SCENARIOS, type Scenario, VALUE } from './scenarios.js'

export interface Order {
  readonly scenario: Scenario | 'allocation'
  readonly ms: number
}

const [library, port] = process.argv.slice(2)
process.once('uncaughtException', (error) => {
  console.error(`${library}: ${error.stack}`)
  process.exit(1)
})
// The bench is gone, however it ended.
process.once('disconnect', () => process.exit())

const client = await LIBRARIES[library!]!(Number(port))
for (const key of KEYS) await client.set(key, VALUE)

process.on('message', async ({ scenario, ms }: Order) => {
  const result =
    scenario === 'allocation' ? await allocationPerGet(client, KEYS) : await SCENARIOS[scenario](client, ms)
  process.send!(result)
})
process.send!('ready')
