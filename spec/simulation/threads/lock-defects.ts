import { type Defect, defect } from '../defect.js'

/** Defects that need another worker in the middle of a change. */
export const LOCK_DEFECTS: readonly Defect[] = [
  defect('a writer does not wait for readers', 'store/lock/rw-lock', 'this.awaitReaders(stripe);', ''),
  defect(
    'a writer waits for the first reader only',
    'store/lock/rw-lock',
    'lease < this.stripes; lease',
    'lease < this.leases + 1; lease',
  ),
  defect(
    'a reader reads while a writer writes',
    'store/lock/rw-lock',
    'if (owner === 0)\n                return;',
    'return;',
  ),
  defect(
    'two workers hold a mutex',
    'store/lock/mutex',
    'if (Atomics.compareExchange(words, word, FREE, HELD) === FREE)',
    'if (Atomics.compareExchange(words, word, FREE, HELD) !== undefined)',
  ),
  defect(
    'two workers split buckets at once',
    'store/index/index',
    'if (Atomics.compareExchange(this.words, this.state + SPLITTING, 0, 1) !== 0)\n            return;',
    '',
  ),
  defect(
    'a bucket is split while others read it',
    'store/index/index',
    'lock.write(stripeOf(split));\n        this.split(split, added, bit);\n        Atomics.store(words, this.state + BUCKET_COUNT, added + 1);\n        lock.endWrite(stripeOf(split));',
    'this.split(split, added, bit);\n        Atomics.store(words, this.state + BUCKET_COUNT, added + 1);',
  ),
  defect(
    'a version is not above that of the stripe',
    'store/version',
    'if (stripeDoubles[inStripe] > latest)\n            latest = stripeDoubles[inStripe];',
    '',
  ),
  defect('two workers use the same version', 'store/version', '* step + this.worker', '* step'),
  defect(
    'an item is copied that another worker has changed meanwhile',
    'commands/items/writing/copy',
    'versionOf(words, present) === version &&\n',
    '\n',
  ),
  defect(
    'an item is copied that another worker has touched meanwhile',
    'commands/items/writing/copy',
    'expiryOf(words, present) === expiryBefore &&\n',
    '\n',
  ),
  defect(
    'a counter is created although another one has been created meanwhile',
    'commands/items/counter',
    'if (store.lock(keyStart, keyLength) !== MISSING) {',
    'if (store.lock(keyStart, keyLength) < 0) {',
  ),
  defect(
    'pins of two workers are counted as one',
    'store/segments/segments',
    'if (Atomics.add(this.words, row + PINS, 1) === 0)',
    'const pins = Atomics.load(this.words, row + PINS); Atomics.store(this.words, row + PINS, pins + 1); if (pins === 0)',
  ),
  defect(
    'dead bytes of two workers are counted as one',
    'store/segments/segments',
    'Atomics.add(this.words, dead, size)',
    'Atomics.store(this.words, dead, Atomics.load(this.words, dead) + size)',
  ),
  defect(
    'two workers sweep one segment',
    'store/segments/segments',
    'const isOurs = this.state(segment) === State.SEALED && this.pins(segment) === 0;\n        if (isOurs)',
    'const isOurs = this.pins(segment) === 0;\n        if (isOurs)',
  ),
]
