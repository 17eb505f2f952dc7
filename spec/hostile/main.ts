/**
 * npm run hostile -- [--requests 100000] [--hostile 1000] [--ordinary 20] [--threads 1] [--command
 * '/usr/bin/memcached -u root']: what hostile clients do to the requests of ordinary ones. Exits with 1 when one of
 * these fails.
 */

import { readWords, refuseWords } from '../support/words.js'
import { HOSTILITIES } from './crowd.js'
import { CrowdProcess } from './crowd-process.js'
import { startServer } from './hostile-server.js'
import { OrdinaryClients } from './ordinary-clients.js'

const USAGE =
  'usage: npm run hostile -- [--requests NUMBER] [--hostile NUMBER] [--ordinary NUMBER] [--threads NUMBER] [--command WORDS]'

const { values } = readWords(USAGE, {
  requests: { type: 'string', default: '100000' },
  hostile: { type: 'string', default: '1000' },
  ordinary: { type: 'string', default: '20' },
  threads: { type: 'string', default: '1' },
  command: { type: 'string' },
})
const [requestCount, hostileCount, ordinaryCount] = [values.requests, values.hostile, values.ordinary].map(
  Number,
)
if (!(requestCount! > 0) || !(hostileCount! >= 0) || !(ordinaryCount! > 0)) refuseWords(USAGE)

/** memcached has no list of changes: it refuses to watch them. */
const options = ['-t', values.threads, ...(values.command === undefined ? ['--changes', '1m'] : [])]
const FAILURES_SHOWN = 3
/** Warms the code up before anything is measured. */
const WARMING_REQUESTS = 200

print(['hostile clients', 'requests', 'failed', 'above 100 ms', 'longest ms'])
await measure('none', 0)
for (const { name } of HOSTILITIES) await measure(name, hostileCount!)

/** The crowd gathers while the ordinary clients are served. */
async function measure(hostility: string, count: number): Promise<void> {
  const { server, path, stop } = await startServer(options, values.command?.split(' '))
  await new OrdinaryClients().run(server, ordinaryCount!, WARMING_REQUESTS)
  const crowd = await CrowdProcess.start(path, hostility, count)
  const ordinary = new OrdinaryClients()
  const each = Math.ceil(requestCount! / (HOSTILITIES.length + 1) / ordinaryCount!)
  await Promise.all([crowd.gather(), ordinary.run(server, ordinaryCount!, each)])
  await crowd.disperse()
  const { failures, lateCount, msMax } = ordinary
  print([hostility, ordinary.requestCount, failures.length, lateCount, msMax.toFixed(1)])
  for (const failure of failures.slice(0, FAILURES_SHOWN)) console.error(failure)
  if (failures.length > 0) process.exitCode = 1
  await stop()
}

function print([name, ...cells]: readonly (number | string)[]): void {
  console.log(String(name).padEnd(40) + cells.map((cell) => cell.toLocaleString('en').padStart(14)).join(''))
}
