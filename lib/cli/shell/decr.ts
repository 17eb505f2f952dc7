import type { Run } from '../arguments/sub-command.js'
import { countUnder } from './incr.js'

export const decr: Run = (given, io) => countUnder('decr', given, io)
