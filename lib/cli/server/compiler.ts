import { setFlagsFromString } from 'node:v8'

/**
 * Flags of V8, set only in this program: other programs that start a server decide themselves. A V8 that lacks one of
 * them prints a line, and continues.
 */

/**
 * Keeps the young generation at its first size, two halves of 1 MB. A request makes next to no garbage, but the start and the
 * first requests would let the halves grow, and they never shrink under load: 4 to 8 MB. Set before the server is loaded. Not with
 * a gateway, whose requests are objects: most would survive collections of halves of that size (scripts/bench/gateway.ts).
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Set before the first request. */
export function setUpCompiler(): void {
  // The path of a request is many small functions: more than V8 inlines into one (920 bytes of bytecode), and each of the others
  // costs a call. With a higher limit a set costs 15 % less CPU, 16 in flight, a get 4 % and an increment 7 % (scripts/bench/main.ts).
  // With 6,000 only deletes gain more, 5 %, and the process uses 3 MB more (scripts/bench/fill.ts).
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000')
  // The second of V8's three compilers, since Node 22. The third one replaces its code within seconds, but the memory in which it
  // worked stays with the process: 8 MB (scripts/bench/lean.ts). A request costs the same without it (scripts/bench/memcaslap.ts).
  setFlagsFromString('--no-maglev')
}
