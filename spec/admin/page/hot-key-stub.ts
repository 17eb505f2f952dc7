/** A reply of the route for hot keys, given in the browser: real ones are samples, so no key is sure to be among them. */
export function withHotKey(key: string): string {
  const list = [
    { key, count: 900, error: 1 },
    { key64: '/w==', count: 450, error: 1 },
  ]
  const figures = { keys: list, prefixes: [{ key: 'user', count: 1000, error: 0 }] }
  const window = { reads: figures, writes: { keys: [], prefixes: [] }, bytes: figures, seconds: 12 }
  const reply = JSON.stringify({ ...window, minute: window, '10s': window })
  return `{
    const ask = window.fetch
    window.fetch = async (url, options) => /v1\\/hotkeys/.test(url) ? Response.json(${reply}) : ask(url, options)
  }`
}
