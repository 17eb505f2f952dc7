import { readdirSync } from 'node:fs'

/**
 * Fills BEHAVIOURS. If mocha has loaded the suites in this process already, nothing more happens; a process that mocha
 * gave only other files loads them here, without running any.
 */
export async function loadBehaviours(): Promise<void> {
  const { describe, it, before, after, beforeEach, afterEach } = globalThis
  const ignore = Object.assign(() => {}, { skip: () => {} })
  const open = (_title: string, body: () => void): void => body()
  const hooks = { before: ignore, after: ignore, beforeEach: ignore, afterEach: ignore }
  Object.assign(globalThis, { describe: open, it: ignore, ...hooks })
  try {
    for (const name of readdirSync(SUITES).filter((file) => file.endsWith('.spec.js')))
      await import(new URL(name, SUITES).href)
  } finally {
    Object.assign(globalThis, { describe, it, before, after, beforeEach, afterEach })
  }
}

const SUITES = new URL('../behaviour/', import.meta.url)
