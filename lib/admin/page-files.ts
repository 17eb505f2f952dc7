import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string
  readonly etag: string
  readonly bytes: Buffer
  readonly gzipped: Buffer
}

/** From dist/lib/admin, from a chunk of dist/esm, from dist/esm/cli, and from dist/cjs. */
const ROOTS = ['../../esm/', '../', './', '../esm/']

let files: Promise<ReadonlyMap<string, PageFile>> | undefined

/** All files of the page, by their path below its folder: read once, when a browser first asks for one. Empty if they are not there. */
export function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  files ??= readAll()
  return files
}

async function readAll(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = findFolder()
  if (folder === undefined) return new Map()
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(GZ))
  return new Map(
    await Promise.all(names.map(async (name) => [pathOf(name), await read(folder, name)] as const)),
  )
}

function pathOf(name: string): string {
  return name.slice(0, -GZ.length).replaceAll(sep, '/')
}

async function read(folder: URL, name: string): Promise<PageFile> {
  const gzipped = await readFile(new URL(name, folder))
  const etag = `"${createHash('sha256').update(gzipped).digest('base64url').slice(0, ETAG_LENGTH)}"`
  const type = TYPES[extname(name.slice(0, -GZ.length))] ?? 'application/octet-stream'
  return { type, etag, bytes: await promisify(gunzip)(gzipped), gzipped }
}

/** A program whose bundler has put this code into a file of its own finds it in the installed package. */
function findFolder(): URL | undefined {
  for (const root of ROOTS) {
    const folder = new URL(`${root}admin/page/`, import.meta.url)
    if (existsSync(new URL('index.html.gz', folder))) return folder
  }
  try {
    const manifest = createRequire(import.meta.url).resolve('keepcached/package.json')
    return new URL('dist/esm/admin/page/', pathToFileURL(manifest))
  } catch {
    return undefined
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** The build compresses the files. */
const GZ = '.gz'
const ETAG_LENGTH = 22
