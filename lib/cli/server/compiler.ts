import { setFlagsFromString } from 'node:v8'

/**
 * Raises V8's limit for inlining. The path of a request is many small functions: more than V8 inlines into one (920 bytes
 * of bytecode), and each of the others costs a call. With a higher limit a set costs 15 % less CPU, 16 in
 * flight, a get 4 % and an increment 7 % (scripts/bench/main.ts). Set before the server is loaded, and only in
 * this program: other programs that start a server decide themselves. A V8 without this flag prints a line, and continues.
 */
export function inlineMore(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_LENGTH_MAX}`)
}

/** With 6,000 only deletes gain more, 5 %, and the process uses 3 MB more (scripts/bench/fill.ts). */
const INLINED_LENGTH_MAX = 3000
