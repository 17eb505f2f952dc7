/** Which places of the compiled files a check runs, from the coverage that V8 writes when a process or a thread ends. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Report {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly ranges: readonly Range[] }[]
  }[]
}

/** By file, relative to the folder: a byte for each place, not 0 if it was run. */
export type Coverage = ReadonlyMap<string, Uint8Array>

/** The files that V8 wrote into `reports`. Only files below `folder` are kept. */
export function readCoverage(reports: string, folder: string): Coverage {
  const prefix = `${pathToFileURL(folder).href}/`
  const covered = new Map<string, Uint8Array>()
  for (const name of readdirSync(reports)) {
    const { result }: Report = JSON.parse(readFileSync(join(reports, name), 'utf8'))
    for (const { url, functions } of result) {
      if (!url.startsWith(prefix)) continue
      const file = url.slice(prefix.length)
      const places = placesOf(functions.flatMap(({ ranges }) => ranges))
      covered.set(file, eitherOf(covered.get(file), places))
    }
  }
  return covered
}

/** The innermost range around a place tells whether it was run. */
function placesOf(ranges: readonly Range[]): Uint8Array {
  const outerFirst = ranges.toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  const places = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)))
  for (const { startOffset, endOffset, count } of outerFirst) {
    places.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  }
  return places
}

function eitherOf(known: Uint8Array | undefined, places: Uint8Array): Uint8Array {
  return known === undefined ? places : places.map((place, at) => place | (known[at] ?? 0))
}
