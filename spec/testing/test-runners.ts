import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../support/peers.js'
import { ROOT } from './programs.js'

/**
 * Where the test runners are that are no dependencies of this package, because they would treble the time that an installation
 * takes: `npm i --prefix DIR jest vitest sinon`, and TEST_RUNNERS=DIR.
 */
const FOLDER = join(process.env['TEST_RUNNERS'] ?? ROOT, 'node_modules')

export const runnerPath = (path: string): string => join(FOLDER, path)

const runner = (name: string): Peer => ({ name, isThere: () => existsSync(runnerPath(name)) })

export const JEST: Peer = runner('jest')
export const VITEST: Peer = runner('vitest')
export const SINON: Peer = runner('sinon')
