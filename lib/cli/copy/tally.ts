import type { Comparison } from './compare-item.js'
import type { Outcome } from './copy-item.js'

/** What became of the keys. */
export class Tally {
  readonly copied: Record<Outcome | 'failed', number> = { copied: 0, kept: 0, gone: 0, stale: 0, failed: 0 }
  readonly compared: Record<Comparison | 'failed', number> = {
    same: 0,
    gone: 0,
    missing: 0,
    value: 0,
    flags: 0,
    ttl: 0,
    failed: 0,
  }
  /** Of values. */
  copiedLength = 0

  get hasFailures(): boolean {
    const { same, gone, ...others } = this.compared
    return this.copied.failed > 0 || Object.values(others).some((count) => count > 0)
  }
}

export interface Passes {
  readonly copies: boolean
  readonly isDry: boolean
  readonly compares: boolean
  readonly isInterrupted: boolean
  readonly seconds: number
}

export function jsonReport({ copied, compared, copiedLength }: Tally, passes: Passes): string {
  const { copies, isDry, compares, isInterrupted, seconds } = passes
  const report = {
    ...(copies && { ...copied, bytes: copiedLength }),
    ...(isDry && { dryRun: true }),
    ...(compares && { compared }),
    ...(isInterrupted && { interrupted: true }),
    seconds: Math.round(1000 * seconds) / 1000,
  }
  return `${JSON.stringify(report)}\n`
}

export function peopleReport(
  tally: Tally,
  { copies, isDry, compares, isInterrupted, seconds }: Passes,
): string {
  const lines: string[] = []
  const length = isDry ? '' : ` (${(tally.copiedLength / 1e6).toFixed(1)} MB)`
  if (copies) lines.push(`${isDry ? 'would copy' : 'copied'} ${listOf(tally.copied, length)}`)
  if (compares) lines.push(`compared: ${listOf(tally.compared, '')}`)
  lines.push(`${isInterrupted ? 'interrupted after' : 'took'} ${seconds.toFixed(1)} s`)
  return `${lines.join('\n')}\n`
}

/** The first count without its name, which begins the line, or stands for itself; then those that are not 0. */
function listOf(counts: Readonly<Record<string, number>>, behindFirst: string): string {
  const [[firstName, first], ...others] = Object.entries(counts) as [[string, number], ...[string, number][]]
  const words = [`${shown(first)}${firstName === 'copied' ? ' items' : ` ${firstName}`}${behindFirst}`]
  for (const [name, count] of others) if (count > 0) words.push(`${WORDS[name] ?? name} ${shown(count)}`)
  return words.join(', ')
}

export const WORDS: Readonly<Record<string, string>> = {
  value: 'other value',
  flags: 'other flags',
  ttl: 'other time to live',
}

export const shown = (count: number): string => count.toLocaleString('en-US')
