/**
 * Metrics in the text format of Prometheus, version 0.0.4:
 *
 *     # HELP memcached_commands_total Requests by command and outcome.
 *     # TYPE memcached_commands_total counter
 *     memcached_commands_total{command="get",status="hit"} 7
 */
export class Exposition {
  private readonly lines: string[] = []

  /** Adds a metric with all its samples. None: the metric is left out. */
  add({ name, type, help }: MetricHead, samples: readonly Sample[]): void {
    if (samples.length === 0) return
    this.lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`)
    this.lines.push(`# TYPE ${name} ${type}`)
    for (const { suffix = '', labels, value } of samples)
      this.lines.push(`${name}${suffix}${writtenLabels(labels)} ${value}`)
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`
  }

  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
}

export interface MetricHead {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
}

export interface Sample {
  /** Behind the name, in a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

function writtenLabels(labels: Sample['labels']): string {
  if (labels === undefined) return ''
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
