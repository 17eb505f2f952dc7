import type { MessagePort } from 'node:worker_threads'
import type { Controls } from '../serving/controls.js'
import type { TestServerOptions } from '../test-options.js'

/** The data that the thread of a test server starts with. */
export interface ThreadTask {
  readonly options: TestServerOptions
  /** Where calls come from, one after the other. */
  readonly port: MessagePort
  /** How many answers have been posted: the caller sleeps on it. */
  readonly signal: Int32Array
}

/** Its first message: it serves, or could not start. */
export type ThreadReport =
  | { readonly host: string; readonly port: number; readonly seed: number }
  | ThreadFailure

export interface ThreadCall {
  /** Of this call, from 1. */
  readonly number: number
  readonly name: keyof Controls
  readonly args: readonly unknown[]
}

/** With the number of its call: a caller may have given up waiting for an earlier one. */
export type ThreadAnswer = { readonly number: number } & ({ readonly value: unknown } | ThreadFailure)

/** An error on its way between threads, where its class is lost. */
export interface ThreadFailure {
  readonly errorName: string
  readonly message: string
  readonly code: string | undefined
}

export function failureOf(error: unknown): ThreadFailure {
  const { name, message, code } = error as NodeJS.ErrnoException
  return { errorName: name, message, code }
}

/** Throws the error that the other thread has met, as one of this thread. */
export function throwFailure({ errorName, message, code }: ThreadFailure): never {
  const Class = errorName === 'TypeError' ? TypeError : errorName === 'RangeError' ? RangeError : Error
  throw Object.assign(new Class(message), code === undefined ? {} : { code })
}
