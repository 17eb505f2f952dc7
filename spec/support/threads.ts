/**
 * Servers with several threads, however few cores this machine has. This module is also preloaded into servers that are
 * started by their command line: there it says how many cores there are before anybody asks.
 */
import os from 'node:os'
import type { ServerOptions } from './server.js'

/** Lets the machine seem to have so many cores, for servers in this process. */
export function pretendCores(count: number): void {
  Object.assign(os, { availableParallelism: () => count })
}

/** A server that runs so many threads. */
export function withThreads(count: number, options: readonly string[] = []): ServerOptions {
  return {
    options: ['-t', `${count}`, ...options],
    environment: { NODE_OPTIONS: `--import=${import.meta.url}`, PRETENDED_CORES: `${count}` },
  }
}

const pretended = process.env['PRETENDED_CORES']
if (pretended !== undefined) pretendCores(Number(pretended))
