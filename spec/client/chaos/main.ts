/**
 * npm run chaos -- [--calls 1000000] [--seed N]: calls of the client through proxies that delay, cut, drop and lie, to servers
 * that die and return. Exits with 1 if a reply was wrong, a call was late, or a client did not recover. See spec/README.md.
 */

import { readWords, refuseWords } from '../../support/words.js'
import { type ChaosOutcome, runChaos } from './chaos.js'
import type { Judge } from './judge.js'

const USAGE = 'usage: npm run chaos -- [--calls NUMBER] [--seed INTEGER]'

const { values } = readWords(USAGE, {
  calls: { type: 'string', default: '1000000' },
  seed: { type: 'string' },
})
const callCount = Number(values.calls)
const seed = Number(values.seed ?? Math.floor(Math.random() * 0x7fff_ffff))
if (!(callCount > 0) || !Number.isInteger(seed)) refuseWords(USAGE)

let shownCount = 0
const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))
// An end by exit takes the servers with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const beginMs = performance.now()
console.log(`seed ${seed}`)
const outcome = await runChaos({ callCount, seed, onProgress: showProgress })
show(outcome)
if (!isGood(outcome)) process.exitCode = 1

function isGood({ judge, unrecovered }: ChaosOutcome): boolean {
  const { wrongCount, lateCount, callCount: begun, settledCount } = judge
  return wrongCount + lateCount + unrecovered.length + unhandled.length === 0 && begun === settledCount
}

function show({ judge, faults, killCount, unrecovered }: ChaosOutcome): void {
  const seconds = (performance.now() - beginMs) / 1000
  print('calls', judge.callCount)
  print('calls/s', judge.callCount / seconds)
  print('settled', judge.settledCount)
  print('wrong replies and errors', judge.wrongCount)
  print('later than deadline + 50 ms', judge.lateCount)
  print('latest, ms after the deadline', judge.latestMs)
  print('longest delay of this process, ms', judge.loop.longestMs)
  print('unhandled rejections', unhandled.length)
  print('clients that did not recover', unrecovered.length)
  print('servers killed', killCount)
  for (const [code, count] of [...judge.outcomes].sort()) print(`  outcome ${code}`, count)
  for (const [name, count] of [...faults].sort()) print(`  proxy ${name}`, count)
  showFindings(judge)
  for (const words of [...unrecovered, ...unhandled]) console.error(words)
}

function showProgress(judge: Judge): void {
  const { callCount: count, wrongCount, lateCount } = judge
  console.error(`${count.toLocaleString('en')} calls, ${wrongCount} wrong, ${lateCount} late`)
  showFindings(judge)
}

/** Each one once. */
function showFindings({ findings }: Judge): void {
  for (const words of findings.slice(shownCount)) console.error(words)
  shownCount = findings.length
}

function print(name: string, figure: number): void {
  console.log(name.padEnd(40) + Math.round(figure).toLocaleString('en').padStart(14))
}
