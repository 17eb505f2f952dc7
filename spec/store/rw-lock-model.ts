/**
 * The protocol of the lock as step machines, and a walk through every order in which their steps can come. A step looks at
 * one shared word or writes one, as the lock's atomic operations do:
 *
 *     reader   outside ──▶ looking ──▶ reading ──▶ outside           lease, look at the writer, read, let go
 *                             └──▶ stepping back ──▶ waiting ──▶ outside
 *
 *     writer   outside ──▶ claimed ──▶ claimed ─ ─ ▶ writing ──▶ outside      claim, look at each lease, write, let go
 *                 └──▶ waiting ──▶ outside                 ├──▶ trying ─ ─ ▶ writing both ──▶ writing
 *                                                          └──▶ writing, because somebody else has claimed that one
 *
 * Readers take either of two stripes. Each writer has a stripe of its own and tries the other one now and then.
 */

export interface World {
  /** Of each stripe: the writer's number, from 1, or 0. */
  readonly writers: readonly number[]
  /** Of each worker: the stripe it reads, from 1, or 0. */
  readonly leases: readonly number[]
  readonly workers: readonly Progress[]
}

interface Progress {
  readonly at: Place
  readonly stripe: number
  /** Whom it waits for, or whose lease it looks at next. */
  readonly other: number
}

type Place =
  | 'outside'
  | 'looking'
  | 'leasing'
  | 'stepping back'
  | 'waiting'
  | 'reading'
  | 'claimed'
  | 'writing'
  | 'trying'
  | 'writing both'

/** Every world that one step of a worker may lead to; none while it has to wait. */
type Step = (world: World, self: number) => readonly World[]

/** What a worker does, by where it is. */
export type Machine = Readonly<Partial<Record<Place, Step>>>

const STRIPES = [0, 1] as const

/** Remembers nothing, so that there are no more worlds than needed. */
const OUTSIDE: Progress = { at: 'outside', stripe: 0, other: 0 }

const leave: Step = (world, self) => [walk(world, self, OUTSIDE)]
const letGo: Step = (world, self) => [lease(walk(world, self, OUTSIDE), self, 0)]
const waitForWriter: Step = (world, self) => {
  const { stripe, other } = world.workers[self]!
  return world.writers[stripe] === other ? [] : leave(world, self)
}

export const reader: Machine = {
  outside: (world, self) =>
    STRIPES.map((stripe) => lease(walk(world, self, { at: 'looking', stripe }), self, stripe + 1)),
  looking: (world, self) => {
    const owner = world.writers[world.workers[self]!.stripe]!
    return [walk(world, self, owner === 0 ? { at: 'reading' } : { at: 'stepping back', other: owner })]
  },
  'stepping back': (world, self) => [lease(walk(world, self, { at: 'waiting' }), self, 0)],
  waiting: waitForWriter,
  reading: letGo,
}

/** Looks first, and leases then: what the lock must not do. */
export const hastyReader: Machine = {
  outside: (world, self) => STRIPES.map((stripe) => walk(world, self, { at: 'looking', stripe })),
  looking: (world, self) => {
    const owner = world.writers[world.workers[self]!.stripe]!
    return [walk(world, self, owner === 0 ? { at: 'leasing' } : { at: 'waiting', other: owner })]
  },
  leasing: (world, self) => {
    const { stripe } = world.workers[self]!
    return [lease(walk(world, self, { at: 'reading' }), self, stripe + 1)]
  },
  waiting: waitForWriter,
  reading: letGo,
}

export const writerOf = (own: number): Machine => ({
  outside: (world, self) => {
    const owner = world.writers[own]!
    if (owner !== 0) return [walk(world, self, { at: 'waiting', stripe: own, other: owner })]
    return [claim(walk(world, self, { at: 'claimed', stripe: own, other: 0 }), own, self + 1)]
  },
  waiting: waitForWriter,
  claimed: lookAtLeases('writing'),
  writing: (world, self) => {
    const tried = 1 - own
    const isFree = world.writers[tried] === 0
    const trying = claim(walk(world, self, { at: 'trying', stripe: tried, other: 0 }), tried, self + 1)
    return [claim(walk(world, self, OUTSIDE), own, 0), ...(isFree ? [trying] : [])]
  },
  trying: lookAtLeases('writing both'),
  'writing both': (world, self) => [claim(walk(world, self, { at: 'writing', stripe: own }), 1 - own, 0)],
})

/** Waits for a stripe that it has not claimed while it holds its own: what the lock must not do. */
export const stubbornWriterOf = (own: number): Machine => ({
  ...writerOf(own),
  writing: (world, self) => {
    if (world.writers[1 - own] !== 0) return []
    return [claim(walk(world, self, { at: 'trying', stripe: 1 - own, other: 0 }), 1 - own, self + 1)]
  },
  'writing both': (world, self) => [claim(claim(walk(world, self, OUTSIDE), own, 0), 1 - own, 0)],
})

/** Looks at the leases one after the other, and at each until it names another stripe. */
function lookAtLeases(then: Place): Step {
  return (world, self) => {
    const { stripe, other } = world.workers[self]!
    if (other === world.workers.length) return [walk(world, self, { at: then, other: 0 })]
    if (other !== self && world.leases[other] === stripe + 1) return []
    return [walk(world, self, { other: other + 1 })]
  }
}

const walk = (world: World, self: number, change: Partial<Progress>): World => ({
  ...world,
  workers: world.workers.with(self, { ...world.workers[self]!, ...change }),
})
const lease = (world: World, self: number, value: number): World => ({
  ...world,
  leases: world.leases.with(self, value),
})
const claim = (world: World, stripe: number, value: number): World => ({
  ...world,
  writers: world.writers.with(stripe, value),
})

// ─── every order of steps ────────────────────────────────────────────────────────────────────────────────────────────

/** All worlds that can come about, and for each of them the places of those that one step leads to. */
export interface Walk {
  readonly worlds: readonly World[]
  readonly next: readonly (readonly number[])[]
}

export function everyWorld(machines: readonly Machine[]): Walk {
  const first: World = {
    writers: STRIPES.map(() => 0),
    leases: machines.map(() => 0),
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
  const inside = workers.flatMap(stripesHeld)
  return inside.some(
    ({ stripe, writes }) => writes && inside.filter((held) => held.stripe === stripe).length > 1,
  )
}

function stripesHeld({ at, stripe }: Progress): { stripe: number; writes: boolean }[] {
  switch (at) {
    case 'reading':
      return [{ stripe, writes: false }]
    case 'writing':
      return [{ stripe, writes: true }]
    case 'trying':
      return [{ stripe: 1 - stripe, writes: true }]
    case 'writing both':
      return STRIPES.map((held) => ({ stripe: held, writes: true }))
    default:
      return []
  }
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
