/**
 * Servers with several threads, however few cores this machine has. This module is also preloaded into servers that are
 * started by their command line: there it sets the number of cores before the server reads it.
 */
import os from 'node:os'
import type { ServerOptions } from './server.js'

const CORES = os.availableParallelism()

/** Pretends that the machine has this many cores, for servers in this process. */
export function pretendCores(count: number): void {
  Object.assign(os, { availableParallelism: () => count })
}

/** A server with this many threads. */
export function withThreads(count: number, options: readonly string[] = []): ServerOptions {
  const isEnough = count <= CORES
  return {
    options: ['-t', `${count}`, ...options],
    environment: isEnough
      ? { NODE_OPTIONS: '' }
      : { NODE_OPTIONS: `--import=${import.meta.url}`, PRETENDED_CORES: `${count}` },
  }
}

const pretended = process.env['PRETENDED_CORES']
if (pretended !== undefined) pretendCores(Number(pretended))
