import { type Figures, type HotKey, printable } from './reading.js'
import type { State, WatchedServer } from './watched-server.js'

type Named = Pick<WatchedServer, 'name' | 'state'>

/** A row of the table, and a word of a line. Undefined figures are shown as a dash. */
interface Row {
  readonly label: string
  readonly word: string
  readonly show: (figures: Figures) => string | undefined
}

const count = (number: number | undefined): string | undefined =>
  number === undefined ? undefined : Math.round(number).toLocaleString('en-US')

const percent = (share: number | undefined): string | undefined =>
  share === undefined ? undefined : `${(100 * share).toFixed(1)}%`

const size = (bytes: number | undefined): string | undefined => {
  if (bytes === undefined) return undefined
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)}${['B', 'KB', 'MB', 'GB', 'TB'][power]}`
}

const ROWS: readonly Row[] = [
  { label: 'version', word: 'version', show: ({ version }) => version },
  { label: 'up', word: 'up', show: ({ uptimeSeconds }) => uptime(uptimeSeconds) },
  { label: 'gets/s', word: 'gets/s', show: ({ getsPerSecond }) => count(getsPerSecond) },
  { label: 'sets/s', word: 'sets/s', show: ({ setsPerSecond }) => count(setsPerSecond) },
  { label: 'deletes/s', word: 'deletes/s', show: ({ deletesPerSecond }) => count(deletesPerSecond) },
  { label: 'hit ratio', word: 'hits', show: ({ hitRatio }) => percent(hitRatio) },
  { label: 'evictions/s', word: 'evictions/s', show: ({ evictionsPerSecond }) => count(evictionsPerSecond) },
  { label: 'items', word: 'items', show: ({ items }) => count(items) },
  { label: 'memory', word: 'memory', show: ({ bytes }) => size(bytes) },
  {
    label: 'of its limit',
    word: 'full',
    show: ({ bytes, bytesMax = 0 }) =>
      percent(bytes === undefined || bytesMax === 0 ? undefined : bytes / bytesMax),
  },
  { label: 'connections', word: 'connections', show: ({ connections }) => count(connections) },
  {
    label: 'received/s',
    word: 'in/s',
    show: ({ receivedBytesPerSecond }) => size(receivedBytesPerSecond),
  },
  { label: 'sent/s', word: 'out/s', show: ({ sentBytesPerSecond }) => size(sentBytesPerSecond) },
  { label: 'CPU', word: 'cpu', show: ({ cpu }) => percent(cpu) },
]

/** A table with a column for each server, as many as the terminal has room for. */
export function asTable(
  servers: readonly Named[],
  title: string,
  { columns, rows }: { columns: number; rows: number },
): string[] {
  const room = Math.max(1, Math.floor((columns - LABEL_WIDTH) / COLUMN_WIDTH_MIN))
  const shown = servers.slice(0, room)
  const width = Math.min(COLUMN_WIDTH_MAX, Math.floor((columns - LABEL_WIDTH) / shown.length))
  const row = (label: string, cells: readonly string[]): string =>
    label.padEnd(LABEL_WIDTH) + cells.map((cell) => cell.slice(0, width - 1).padEnd(width)).join('')
  const rest = servers.length - shown.length
  const lines = [
    title,
    rest > 0 ? `${rest} more: make the terminal wider` : '',
    row(
      '',
      shown.map(({ name }) => name),
    ),
    ...ROWS.map(({ label, show }, index) =>
      row(
        label,
        shown.map(({ state }) => cellOf(state, show, index === 0)),
      ),
    ),
    ...hotRows(
      shown.map(({ state }) => ('error' in state ? [] : state.figures.hotKeys)),
      row,
    ),
  ]
  return lines.slice(0, rows).map((line) => line.slice(0, columns).trimEnd())
}

/** The reason stands in the first row. */
function cellOf(state: State, show: Row['show'], isFirst: boolean): string {
  if ('error' in state) return isFirst ? printable(state.error) : ''
  return show(state.figures) ?? '-'
}

function hotRows(
  columns: readonly (readonly HotKey[])[],
  row: (label: string, cells: readonly string[]) => string,
): string[] {
  const most = Math.max(0, ...columns.map(({ length }) => length))
  return Array.from({ length: most }, (_, rank) =>
    row(
      rank === 0 ? 'hot keys, 10 s' : '',
      columns.map((keys) => (keys[rank] === undefined ? '' : `${count(keys[rank].reads)} ${keys[rank].key}`)),
    ),
  )
}

/** For a pipe: a line for each server. */
export function asLine({ name, state }: Named, time: Date): string {
  const head = `${time.toISOString()} ${name}`
  if ('error' in state) return `${head} no answer: ${printable(state.error)}`
  const words = ROWS.map(({ word, show }) => `${word}=${show(state.figures)?.replaceAll(',', '') ?? '-'}`)
  const keys = state.figures.hotKeys.slice(0, 3).map(({ key }) => key)
  return [head, ...words, ...(keys.length > 0 ? [`hot=${keys.join(',')}`] : [])].join(' ')
}

/** For a script: an object for each server. */
export function asJson({ name, state }: Named, time: Date): string {
  const head = { time: time.toISOString(), server: name }
  return 'error' in state
    ? JSON.stringify({ ...head, error: state.error })
    : JSON.stringify({ ...head, ...state.figures }, (_, value) => value ?? null)
}

function uptime(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined
  const days = Math.floor(seconds / 86_400)
  const clock = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19)
  return days === 0 ? clock : `${days}d${clock}`
}

const LABEL_WIDTH = 16
const COLUMN_WIDTH_MIN = 18
const COLUMN_WIDTH_MAX = 32
