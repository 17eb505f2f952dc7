/** npm run simulate -- --seeds 1000: many more runs than the spec has time for. */
import { parseArgs } from 'node:util'
import { Simulation } from './simulation.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    operations: { type: 'string', default: '5000' },
    seconds: { type: 'string' },
  },
})
const seedCount = Number(values.seeds)
const first = Number(values.first)
const operationCount = Number(values.operations)
const begunMs = process.hrtime.bigint()
const seconds = (): number => Number(process.hrtime.bigint() - begunMs) / 1e9

let total = 0
let restartCount = 0
let findingCount = 0
let seed = first
for (; seed < first + seedCount; seed++) {
  if (values.seconds !== undefined && seconds() > Number(values.seconds)) break
  const simulation = new Simulation(seed)
  try {
    await simulation.run(operationCount)
  } catch (error) {
    findingCount++
    console.log(`seed ${seed}: ${(error as Error).stack}`)
  }
  total += simulation.operationCount
  restartCount += simulation.restartCount
}
console.log(
  `${seed - first} seeds, ${total} operations, ${restartCount} starts, ${findingCount} findings, ${seconds().toFixed(1)} s`,
)
if (findingCount > 0) process.exitCode = 1
