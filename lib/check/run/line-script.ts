/**
 * The notation of the checks of text and meta: a transcript, line by line.
 *
 *     > set {k} 5 0 4          sent, followed by CR LF
 *     > blue
 *     < STORED                 expected, followed by CR LF
 *     > get {k}
 *     < VALUE {k} 5 4
 *     < blue
 *     < END
 *     2> get {k}               over a second connection
 *     2< END
 *     . wait 3                 seconds
 *     < (closed)               the server closes the connection
 *
 * Braces stand for text that differs from run to run, or cannot be written:
 *
 *     {k} {other}       a key, named within the check; {k:250} fills it up to 250 bytes, {base64 k} encodes it
 *     {cas a}           a cas by its name; {cas any} for any but 0
 *     {x*100}           this many letters; {max+1} one byte more than the server accepts
 *     {number} {any} {error}   in expected lines: digits, anything, a line with an error
 *     {statistics}      as an expected line: lines of STAT, a name and a value, at least one
 *     {nul} {cr} {lf} {sp} {tab}   bytes
 *     {byte ff}         a byte by its hex digits
 *     {join}            in sent lines: no CR LF after this line
 */
export interface LineExchange {
  readonly kind: 'exchange'
  readonly connection: number
  readonly sent: readonly string[]
  readonly expected: readonly string[]
  readonly isLast: boolean
}

export interface LineWait {
  readonly kind: 'wait'
  readonly seconds: number
}

export type LineStep = LineExchange | LineWait

const CLOSED_LINE = '(closed)'
const LINE = /^(\d?)([<>.]) ?(.*)$/

export function parseScript(script: string): LineStep[] {
  const steps: LineStep[] = []
  let open: { connection: number; sent: string[]; expected: string[] } | undefined
  const close = () => {
    if (open === undefined) return
    const isLast = open.expected.includes(CLOSED_LINE)
    const expected = open.expected.filter((line) => line !== CLOSED_LINE)
    steps.push({ kind: 'exchange', connection: open.connection, sent: open.sent, expected, isLast })
    open = undefined
  }
  for (const line of linesOf(script)) {
    const [, number, mark, text = ''] = LINE.exec(line) ?? []
    const connection = Number(number || '1')
    if (mark === '.') {
      close()
      steps.push({ kind: 'wait', seconds: Number(/^wait (\d+)$/.exec(text)?.[1]) })
    } else if (mark === '>') {
      if (open !== undefined && (open.expected.length > 0 || open.connection !== connection)) close()
      open ??= { connection, sent: [], expected: [] }
      open.sent.push(text)
    } else if (mark === '<' && open !== undefined) open.expected.push(text)
    else throw new Error(`this is not a line of a transcript: ${line}`)
  }
  close()
  return steps
}

/** Indentation and empty lines are ignored; spaces at the end of a line are written {sp}. */
const linesOf = (script: string): string[] =>
  script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
