import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 inline more than it would. The path of a request is many small functions: as many as V8 takes into one (920 bytes
 * of bytecode) are less than there are, and each of the others costs a call. With more a set costs 15 % less CPU, 16 in
 * flight, a get 4 % and an increment 7 % (scripts/bench/main.ts). Set before the server is loaded, and only in
 * this program: other programs that start a server choose for themselves. A V8 without such a limit prints a line, and goes on.
 */
export function inlineMore(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_LENGTH_MAX}`)
}

/** With 6,000 only deletes gain more, 5 %, and the process takes 3 MB more (scripts/bench/fill.ts). */
const INLINED_LENGTH_MAX = 3000
