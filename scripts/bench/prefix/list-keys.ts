import { HOST } from '../support/server.js'
import { cpuSeconds } from '../support/usage.js'

export interface ListedKeys {
  readonly count: number
  readonly ms: number
  /** Of the server. */
  readonly cpuMs: number
}

interface Page {
  readonly items: readonly unknown[]
  readonly cursor: string | null
}

/** Lists all keys that begin so, page by page. */
export async function listKeys(adminPort: number, serverPid: number, prefix: string): Promise<ListedKeys> {
  const cpuBefore = cpuSeconds(serverPid)
  const start = performance.now()
  let count = 0
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = new URLSearchParams({ prefix, limit: `${PAGE_COUNT}`, ...(cursor !== '' && { cursor }) })
    const response = await fetch(`http://${HOST}:${adminPort}/v1/items?${query}`)
    if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`)
    const page = (await response.json()) as Page
    count += page.items.length
    cursor = page.cursor
  }
  return { count, ms: performance.now() - start, cpuMs: (cpuSeconds(serverPid) - cpuBefore) * 1000 }
}

const PAGE_COUNT = 10_000
