/** One metric in the text format of Prometheus. */
export interface ParsedMetric {
  readonly type: string
  readonly help: string
  /** By their labels as written, such as `{slab="1"}`; in a histogram with `_bucket`, `_sum` or `_count` before them. */
  readonly samples: ReadonlyMap<string, number>
}

/** Reads the text format 0.0.4. Throws at anything that its grammar does not allow. */
export function parseMetrics(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, { type: string; help: string; samples: Map<string, number> }>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      if (metrics.has(name)) throw new Error(`${name} comes twice`)
      metrics.set(name, { type: '', help: rest, samples: new Map() })
      current = name
    } else if (keyword === 'TYPE') {
      if (name !== current || !/^(?:counter|gauge|histogram)$/.test(rest))
        throw new Error(`${line} is out of place`)
      metrics.get(name)!.type = rest
    } else {
      const [, sampleName, labels = '', value = ''] = SAMPLE.exec(line) ?? []
      const metric = metrics.get(current)
      const suffix =
        metric?.type === 'histogram' ? (/_(?:bucket|sum|count)$/.exec(sampleName!)?.[0] ?? '?') : ''
      if (sampleName !== current + suffix || metric === undefined || metric.type === '')
        throw new Error(`${line}: no sample`)
      if (metric.samples.has(suffix + labels)) throw new Error(`${line} comes twice`)
      metric.samples.set(suffix + labels, Number(value))
    }
  }
  return metrics
}

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*")*\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/
