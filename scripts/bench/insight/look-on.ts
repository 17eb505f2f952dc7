// Asks an admin listener what a scraper and an open page ask it: look-on.js PORT. Sends 'ready' after the first time.
import { setInterval as each } from 'node:timers/promises'
import { HOST } from '../support/server.js'

/** As an exporter for Prometheus is asked. */
const SCRAPE_MS = 5000
/** That of the page's first view, and what it asks for. */
const PAGE_MS = 2000
const PAGE_PATHS = ['/v1/history?since=', '/v1/latency']

const port = process.argv[2]
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())
process.on('message', () => process.send?.('looked'))

let sinceMs = 0

async function read(path: string): Promise<string> {
  const response = await fetch(`http://${HOST}:${port}${path}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return text
}

async function scrape(): Promise<void> {
  await read('/metrics')
}

async function refreshPage(): Promise<void> {
  const [history, latency] = PAGE_PATHS
  const { time } = JSON.parse(await read(`${history}${sinceMs}`)) as { time: number[] }
  sinceMs = time.reduce((sum, step) => sum + step, 0)
  await read(latency!)
}

await scrape()
await refreshPage()
process.send?.('ready')

async function repeat(what: () => Promise<void>, everyMs: number): Promise<void> {
  for await (const _ of each(everyMs)) await what()
}

await Promise.all([repeat(scrape, SCRAPE_MS), repeat(refreshPage, PAGE_MS)])
