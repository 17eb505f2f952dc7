import { acceptsGzip, type Exchange } from './http/exchange.js'
import { HttpError } from './http/http-error.js'
import { boundReading } from './http/slow-readers.js'
import { pageFiles } from './page-files.js'

/** The page for browsers. It has nothing secret in it, and asks for the token itself. */
export function page(exchange: Exchange): Promise<void> {
  const { response } = exchange
  response.setHeader('content-security-policy', POLICY)
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  return sendFile(exchange, 'index.html')
}

/** The other files. By themselves they may do nothing, as all that this listener sends. */
export function pageFile(exchange: Exchange): Promise<void> {
  return sendFile(exchange, exchange.rest)
}

/** The name is looked up among those of the files, and is never a path. */
async function sendFile({ request, response }: Exchange, name: string): Promise<void> {
  const file = (await pageFiles()).get(name)
  if (file === undefined) throw new HttpError(404, 'there is nothing at this path')
  const { type, etag, bytes, gzipped } = file
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('vary', 'accept-encoding')
  // A browser keeps it, and asks each time whether it is still the same.
  response.setHeader('cache-control', 'no-cache')
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
  const isGzip = acceptsGzip(request)
  const body = isGzip ? gzipped : bytes
  boundReading(response)
  if (isGzip) response.setHeader('content-encoding', 'gzip')
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
}

/**
 * Keys and values come from anybody: no text may become a script, even if the page had a defect. Only its own files run, only its own
 * server is asked, no text is parsed as HTML, and no other page can show it in a frame.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')
