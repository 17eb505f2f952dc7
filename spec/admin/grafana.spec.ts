/** lib/admin/grafana: the dashboard and the alert rules name only what a server has. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { useAdmin } from '../support/admin.js'
import { eventually } from '../support/eventually.js'
import { type ParsedMetric, parseMetrics } from '../support/prometheus-text.js'

const textOf = (name: string): string =>
  readFileSync(new URL(`../../../lib/admin/grafana/${name}`, import.meta.url), 'utf8')

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}

const DASHBOARD = JSON.parse(textOf('dashboard.json')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] }
}
const RULES = textOf('alerts.yaml')
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => {
    const [name = ''] = text.split('\n')
    const [, expr = ''] = /^ {8}expr: (?:>-\n)?(.*?)\n {8}(?:for|labels):/ms.exec(text) ?? []
    return { name, expr, text }
  })

/** Of Prometheus itself, and labels that it adds. */
const METRICS_OF_PROMETHEUS: ReadonlySet<string> = new Set(['up'])
const LABELS_OF_PROMETHEUS: ReadonlySet<string> = new Set(['job', 'instance'])

/** The metrics in an expression, with what is between the braces behind each. */
const metricsIn = (expr: string): (readonly [name: string, selector: string])[] =>
  [...expr.matchAll(/\b((?:memcached|keepcached)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name, selector = '']) => [name!, selector],
  )

const DASHBOARD_EXPRESSIONS = [
  ...DASHBOARD.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...DASHBOARD.templating.list.map(({ query }) => query),
]

describe('the files for Grafana and Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-grafana-'))
  const admin = useAdmin({ dataDirectory: join(folder, 'data'), changes: 1024 * 1024, workers: 2 })
  after(() => rmSync(folder, { recursive: true, force: true }))
  let metrics: ReadonlyMap<string, ParsedMetric>
  before(async () => {
    // Before the first requests there are no hot keys, and no durations.
    const connection = await admin().connect()
    connection.send(Buffer.from('set a 0 0 1\r\nx\r\nget a\r\nmn\r\n'))
    await connection.receiveUntil(Buffer.from('MN\r\n'))
    connection.close()
    await eventually(true, async () =>
      (await admin().send('/metrics')).text.includes('command="get",status="hit",le='),
    )
    metrics = parseMetrics((await admin().send('/metrics')).text)
  })

  /** A histogram has its name without what its samples have behind it. */
  const metricOf = (name: string): ParsedMetric | undefined =>
    metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ''))

  function check(expr: string): number {
    const named = metricsIn(expr)
    for (const [name, selector] of named) {
      if (METRICS_OF_PROMETHEUS.has(name)) continue
      const metric = metricOf(name)
      expect(metric, name).to.not.equal(undefined)
      const samples = [...metric!.samples.keys()].join('\n')
      for (const [, label, sign, value] of selector.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
        if (LABELS_OF_PROMETHEUS.has(label!)) continue
        expect(samples, `${name}{${selector}}`).to.include(
          sign === '=' ? `${label}="${value}"` : `${label}="`,
        )
      }
    }
    return named.length
  }

  it('name only metrics and labels that a scrape has', () => {
    const counts = [...DASHBOARD_EXPRESSIONS, ...RULES.map(({ expr }) => expr)].map(check)
    expect(counts.reduce((sum, count) => sum + count)).to.be.at.least(50)
  })

  it('use counters by their growth, and gauges as they are', () => {
    for (const expr of [...DASHBOARD_EXPRESSIONS, ...RULES.map(({ expr: each }) => each)]) {
      for (const [, growth, name] of expr.matchAll(/(rate\(|increase\()?\b((?:memcached|keepcached)_\w+)/g)) {
        const type = metricOf(name!)?.type
        const grows = type === 'histogram' || (type === 'counter' && name !== 'memcached_uptime_seconds')
        expect(growth !== undefined, `${name} in ${expr}`).to.equal(grows)
      }
    }
  })

  it('sum only over labels that a scrape has', () => {
    for (const expr of DASHBOARD_EXPRESSIONS) {
      for (const [, labels, name] of expr.matchAll(/sum by \(([^)]*)\) \((?:rate\()?(\w+)/g)) {
        const [sample = ''] = metricOf(name!)!.samples.keys()
        for (const label of labels!.split(', '))
          if (!LABELS_OF_PROMETHEUS.has(label)) expect(sample, expr).to.include(`${label}="`)
      }
    }
  })

  it('show how long requests take, and how much of the load the hottest keys have', () => {
    const named = new Set(DASHBOARD_EXPRESSIONS.flatMap(metricsIn).map(([name]) => name))
    expect(named).to.include('keepcached_request_duration_seconds_bucket').and.include('keepcached_hot_share')
  })

  it('count servers by what Prometheus knows of those that have gone, too', () => {
    const [panel] = DASHBOARD.panels.filter(({ title }) => title === 'Servers up')
    expect(panel!.targets!.map(({ expr }) => metricsIn(expr)[0]![0])).to.deep.equal(['up'])
  })

  it('compare what a server has with the limit of that server', () => {
    const [panel] = DASHBOARD.panels.filter(
      ({ title, type }) => title === 'Connections' && type === 'timeseries',
    )
    const [used, limit] = panel!.targets!.map(({ expr }) => expr)
    expect(used).to.match(/^sum by \(instance\) /)
    expect(limit).to.match(/^memcached_max_connections\{/)
  })

  it('have a dashboard whose panels have a place of their own, and say what they show', () => {
    const taken = new Set<string>()
    for (const { type, title, description, gridPos, targets = [] } of DASHBOARD.panels) {
      expect(gridPos.x + gridPos.w, title).to.be.at.most(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), title).to.equal(false)
          taken.add(`${x},${y}`)
        }
      if (type === 'row') continue
      expect(description, title).to.match(/\.$/)
      expect(targets.length, title).to.be.above(0)
      expect(new Set(targets.map(({ refId }) => refId)).size, title).to.equal(targets.length)
    }
    expect(new Set(DASHBOARD.panels.map(({ id }) => id)).size).to.equal(DASHBOARD.panels.length)
  })

  it('have rules with an expression, a severity, and words for the one who is called', () => {
    expect(RULES.length).to.be.at.least(8)
    expect(new Set(RULES.map(({ name }) => name)).size).to.equal(RULES.length)
    for (const { name, expr, text } of RULES) {
      expect(name).to.match(/^Keepcached[A-Z]\w+$/)
      expect(metricsIn(expr).length, name).to.be.above(0)
      expect(text, name)
        .to.match(/^ {10}severity: (?:critical|warning)$/m)
        .and.match(/^ {10}summary: ".+"$/m)
        .and.match(/^ {10}description: ".+"$/m)
    }
  })
})
