/**
 * The protocol of the lock as state machines, and a walk through every order of their steps. A step reads
 * one shared word or writes one, as the lock's atomic operations do:
 *
 *     reader   outside ──▶ looking ──▶ reading ──▶ outside           lease, look at the writer, read, release
 *                             └──▶ stepping back ──▶ waiting ─ ─ ▶ outside
 *
 *     writer   outside ──▶ claimed ──▶ claimed ─ ─ ▶ writing ──▶ outside      claim, look at each lease, write, release
 *                 │           └──▶ waiting ─ ─ ▶ claimed
 *                 └──▶ waiting ─ ─ ▶ outside
 *
 *     waiting ──▶ dozing ──▶ asleep ──▶ on        mark the word, sleep if it is still marked, be woken
 *        └───────────┴──────────────────▶ onthe word has changed
 *
 * Unlocking a marked word wakes all that sleep at it, in a step of its own. No worker wakes by itself.
 */
export interface World {
  /** The writer words of the stripes, then the lease words of the workers. */
  readonly words: readonly number[]
  readonly workers: readonly Progress[]
}

interface Progress {
  readonly at: Place
  readonly stripe: number
  /** Whose lease it looks at next. */
  readonly other: number
  /** The word that it waits for, or that it has unlocked, and its old value. */
  readonly word: number
  readonly value: number
  /** Where it continues afterwards. */
  readonly onward: Place
}

type Place =
  | 'outside'
  | 'looking'
  | 'leasing'
  | 'stepping back'
  | 'waiting'
  | 'dozing'
  | 'asleep'
  | 'waking'
  | 'reading'
  | 'claimed'
  | 'writing'

/** Every world that one step of a worker may lead to; none while it must wait. */
type Step = (world: World, self: number) => readonly World[]

/** What a worker does, by where it is. */
export type Machine = Readonly<Partial<Record<Place, Step>>>

const STRIPE_COUNT = 2
const AWAITED = 0x100

/** Resets the record, so that there are no more worlds than needed. */
const OUTSIDE: Progress = { at: 'outside', stripe: 0, other: 0, word: 0, value: 0, onward: 'outside' }

const leaseOf = (worker: number): number => STRIPE_COUNT + worker
const stripes = Array.from({ length: STRIPE_COUNT }, (_, stripe) => stripe)

// ─── waiting and waking ──────────────────────────────────────────────────────────────────────────────────────────────

const wait = (world: World, self: number, word: number, value: number, onward: Place): World =>
  walk(world, self, { at: 'waiting', word, value, onward })

const goOn = (world: World, self: number): World => {
  const { onward } = world.workers[self]!
  return walk(
    world,
    self,
    onward === 'outside' ? OUTSIDE : { at: onward, word: 0, value: 0, onward: 'outside' },
  )
}

const waiter: Machine = {
  waiting: (world, self) => {
    const { word, value } = world.workers[self]!
    if ((world.words[word]! & ~AWAITED) !== value) return [goOn(world, self)]
    return [put(walk(world, self, { at: 'dozing' }), word, value | AWAITED)]
  },
  dozing: (world, self) => {
    const { word, value } = world.workers[self]!
    return [world.words[word] === (value | AWAITED) ? walk(world, self, { at: 'asleep' }) : goOn(world, self)]
  },
  asleep: () => [],
  waking: (world, self) => {
    const { word } = world.workers[self]!
    const woken = world.workers.reduce(
      (changed, { at, word: awaited }, other) =>
        at === 'asleep' && awaited === word ? goOn(changed, other) : changed,
      world,
    )
    return [goOn(woken, self)]
  },
}

/** Sleeps without a mark: what the lock must not do. */
const deaf: Machine = {
  ...waiter,
  waiting: (world, self) => {
    const { word, value } = world.workers[self]!
    const isGone = (world.words[word]! & ~AWAITED) !== value
    return [isGone ? goOn(world, self) : walk(world, self, { at: 'asleep' })]
  },
}

/** Exchanges the word for 0; if it was marked, waking the others is the next step. */
const giveBack = (
  world: World,
  self: number,
  word: number,
  onward: Place,
  change: Partial<Progress> = {},
): World => {
  const isMarked = (world.words[word]! & AWAITED) !== 0
  const given = put(world, word, 0)
  if (isMarked) return walk(given, self, { ...change, at: 'waking', word, onward })
  return walk(given, self, onward === 'outside' ? OUTSIDE : { ...change, at: onward })
}

// ─── readers and writers ─────────────────────────────────────────────────────────────────────────────────────────────

const letGo: Step = (world, self) => [giveBack(world, self, leaseOf(self), 'outside')]

export const reader: Machine = {
  ...waiter,
  outside: (world, self) =>
    stripes.map((stripe) => put(walk(world, self, { at: 'looking', stripe }), leaseOf(self), stripe + 1)),
  looking: (world, self) => {
    const { stripe } = world.workers[self]!
    const owner = world.words[stripe]! & ~AWAITED
    return [walk(world, self, owner === 0 ? { at: 'reading' } : { at: 'stepping back', value: owner })]
  },
  'stepping back': (world, self) => {
    const { stripe, value } = world.workers[self]!
    const isMarked = (world.words[leaseOf(self)]! & AWAITED) !== 0
    const given = put(world, leaseOf(self), 0)
    // Waking comes first, then waiting; one record cannot hold both, so the worker looks again afterwards.
    if (isMarked)
      return [walk(given, self, { at: 'waking', word: leaseOf(self), value: 0, onward: 'outside' })]
    return [wait(given, self, stripe, value, 'outside')]
  },
  reading: letGo,
}

/** Looks first, and leases onward: what the lock must not do. */
export const hastyReader: Machine = {
  ...waiter,
  outside: (world, self) => stripes.map((stripe) => walk(world, self, { at: 'looking', stripe })),
  looking: (world, self) => {
    const { stripe } = world.workers[self]!
    const owner = world.words[stripe]! & ~AWAITED
    return [owner === 0 ? walk(world, self, { at: 'leasing' }) : wait(world, self, stripe, owner, 'outside')]
  },
  leasing: (world, self) => {
    const { stripe } = world.workers[self]!
    return [put(walk(world, self, { at: 'reading' }), leaseOf(self), stripe + 1)]
  },
  reading: letGo,
}

export const writerOf = (stripe: number): Machine => ({
  ...waiter,
  outside: (world, self) => {
    const owner = world.words[stripe]! & ~AWAITED
    if (owner !== 0) return [wait(world, self, stripe, owner, 'outside')]
    return [put(walk(world, self, { at: 'claimed', stripe, other: 0 }), stripe, self + 1)]
  },
  claimed: (world, self) => {
    const { other } = world.workers[self]!
    if (other === world.workers.length) return [walk(world, self, { at: 'writing', other: 0 })]
    const isLeased = other !== self && (world.words[leaseOf(other)]! & ~AWAITED) === stripe + 1
    if (isLeased) return [wait(world, self, leaseOf(other), stripe + 1, 'claimed')]
    return [walk(world, self, { other: other + 1 })]
  },
  writing: (world, self) => [giveBack(world, self, stripe, 'outside')],
})

export const deafWriterOf = (stripe: number): Machine => ({ ...writerOf(stripe), ...deaf })

/** Unlocks the stripe and wakes no one: what the lock must not do. */
export const silentWriterOf = (stripe: number): Machine => ({
  ...writerOf(stripe),
  writing: (world, self) => [put(walk(world, self, OUTSIDE), stripe, 0)],
})

const walk = (world: World, self: number, change: Partial<Progress>): World => ({
  ...world,
  workers: world.workers.with(self, { ...world.workers[self]!, ...change }),
})
const put = (world: World, word: number, value: number): World => ({
  ...world,
  words: world.words.with(word, value),
})

// ─── every order of steps ────────────────────────────────────────────────────────────────────────────────────────────

/** All worlds that can occur, and for each of them the indexes of those that one step leads to. */
export interface Walk {
  readonly worlds: readonly World[]
  readonly next: readonly (readonly number[])[]
}

export function everyWorld(machines: readonly Machine[]): Walk {
  const first: World = {
    words: Array.from({ length: STRIPE_COUNT + machines.length }, () => 0),
    workers: machines.map(() => OUTSIDE),
  }
  const worlds = [first]
  const places = new Map([[JSON.stringify(first), 0]])
  const next: number[][] = []
  const placeOf = (world: World): number => {
    const key = JSON.stringify(world)
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, worlds.length)
    return worlds.push(world) - 1
  }
  for (const world of worlds) {
    const reached = machines.flatMap((machine, self) => machine[world.workers[self]!.at]!(world, self))
    next.push(reached.map(placeOf))
  }
  return { worlds, next }
}

/** Two are in one stripe, and one of them writes. */
export function isBroken({ workers }: World): boolean {
  return workers.some(
    ({ at, stripe }, self) =>
      at === 'writing' &&
      workers.some(
        (other, index) =>
          index !== self && other.stripe === stripe && (other.at === 'reading' || other.at === 'writing'),
      ),
  )
}

/** The worlds from which no order of steps leads to one of these. */
export function worldsWithoutWayTo({ worlds, next }: Walk, isGoal: (world: World) => boolean): World[] {
  const before: number[][] = worlds.map(() => [])
  next.forEach((reached, from) => {
    for (const to of reached) before[to]!.push(from)
  })
  const found = new Set([...worlds.keys()].filter((place) => isGoal(worlds[place]!)))
  for (const place of found) for (const from of before[place]!) found.add(from)
  return worlds.filter((_, place) => !found.has(place))
}
