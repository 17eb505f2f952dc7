/** A place in the order of changes, as clients keep it: `<history>.<number>`. */
export interface Position {
  readonly history: string
  readonly number: number
}

export const writePosition = (history: string, number: number): string => `${history}.${number}`

/** Undefined if the text is no position at all; it may be one of another server. */
export function readPosition(text: string): Position | undefined {
  const [, history, digits] = FORM.exec(text) ?? []
  if (history === undefined) return undefined
  return { history, number: Number(digits) }
}

const FORM = /^([0-9a-f]{16})\.(\d{1,15})$/
