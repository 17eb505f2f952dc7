/** One line for the operator. */
export function complain(message: string): void {
  process.stderr.write(`keepcached: ${message}\n`)
}

/** What failed, and where. */
export function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const place = /^\s+at .*$/m.exec(error.stack ?? '')?.[0] ?? ''
  return `${error.name}: ${error.message}${place}`.replaceAll(/\s+/g, ' ')
}
