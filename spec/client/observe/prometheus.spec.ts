import { expect } from 'chai'
import { Client, type ClientStatistics, renderPrometheus } from '../../../lib/client/index.js'
import { useServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`
const SAMPLE = new RegExp(`^(${NAME})\\{(${LABEL}(?:,${LABEL})*)\\} (-?[0-9.e+-]+)$`)

interface Sample {
  readonly labels: string
  readonly value: number
}

/** Reads the text format as its description has it: one HELP, one TYPE, then the samples of a metric. */
function parse(text: string): Map<string, { type: string; samples: Sample[] }> {
  const metrics = new Map<string, { type: string; samples: Sample[] }>()
  expect(text.endsWith('\n')).equal(true)
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const help = new RegExp(`^# HELP (${NAME}) \\S.*$`).exec(line)
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`).exec(line)
    const sample = SAMPLE.exec(line)
    if (help !== null) {
      current = help[1]!
      expect(metrics.has(current), current).equal(false)
      metrics.set(current, { type: '', samples: [] })
    } else if (type !== null) {
      expect(type[1]).equal(current)
      metrics.get(current)!.type = type[2]!
    } else {
      expect(sample, line).not.equal(null)
      expect(sample![1]).equal(current)
      metrics.get(current)!.samples.push({ labels: sample![2]!, value: Number(sample![3]) })
    }
  }
  return metrics
}

describe('the statistics of a client as text for Prometheus', () => {
  const server = useServer()

  it('are samples of each server, and counts of calls and errors', async () => {
    const name = `127.0.0.1:${server().port}`
    const client = new Client(name, { timeout: 30_000 })
    try {
      await client.set('text', 'x')
      expect(await codeOf(client.increment('text'))).equal('NOT_A_NUMBER')
      const metrics = parse(renderPrometheus(client.statistics()))
      const samplesOf = (metric: string) => metrics.get(`memcached_client_${metric}`)!
      const labels = `server="${name}"`
      expect(samplesOf('calls_total')).deep.equal({ type: 'counter', samples: [{ labels, value: 2 }] })
      expect(samplesOf('call_errors_total').samples).deep.equal([
        { labels: `${labels},code="NOT_A_NUMBER"`, value: 1 },
      ])
      expect(samplesOf('connections')).deep.equal({
        type: 'gauge',
        samples: [
          { labels: `${labels},state="idle"`, value: 1 },
          { labels: `${labels},state="active"`, value: 0 },
        ],
      })
      expect(samplesOf('breaker_state').samples.map(({ value }) => value)).deep.equal([1, 0, 0])
      for (const [metric, { type }] of metrics) expect(metric.endsWith('_total')).equal(type === 'counter')
    } finally {
      await client.close()
    }
  })

  it('have another prefix if it is given', async () => {
    const text = renderPrometheus({ a: statistics() }, 'shop_cache_')
    expect([...parse(text).keys()].every((name) => name.startsWith('shop_cache_'))).equal(true)
  })

  it('escape what a label may not have', () => {
    const path = '/run/"odd"\\name\nof.sock'
    const [calls] = parse(renderPrometheus({ [path]: statistics() })).get(
      'memcached_client_calls_total',
    )!.samples
    expect(calls).deep.equal({ labels: 'server="/run/\\"odd\\"\\\\name\\nof.sock"', value: 3 })
  })

  it('are valid without servers', () => {
    const metrics = parse(renderPrometheus({}))
    expect(metrics.size).above(5)
    for (const { samples } of metrics.values()) expect(samples).deep.equal([])
  })
})

function statistics(): ClientStatistics[string] {
  const client = new Client('127.0.0.1:1')
  const [ofServer] = Object.values(client.statistics())
  void client.close()
  return { ...ofServer!, calls: 3 }
}
