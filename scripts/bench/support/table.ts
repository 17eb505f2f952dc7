/** A line of a table: the first cell to the left, the others to the right of their columns. */
export function tableLine(widths: readonly number[], cells: readonly string[]): string {
  return cells
    .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
    .join('')
}

export const NOTHING = '–'

/** 1234567 as 1,234,567. */
export function grouped(count: number | undefined): string {
  return count === undefined ? NOTHING : Math.round(count).toLocaleString('en')
}

/** `value` as a multiple of `beside`. */
export function ratioOf(value: number, beside: number | undefined): string {
  return beside === undefined ? NOTHING : (value / beside).toFixed(3)
}
