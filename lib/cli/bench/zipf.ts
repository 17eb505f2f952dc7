import type { Random } from './random.js'

/**
 * Draws ranks from 1 on: rank n comes 1 / n ** exponent times as often as the first. Rejection-inversion (Hörmann and
 * Derflinger 1996), so that it needs no table and about one random number, whatever the number of ranks.
 */
export class Zipf {
  private readonly rankMax: number
  private readonly exponent: number
  private readonly areaFirst: number
  private readonly areaLast: number
  private readonly surePart: number

  constructor(rankMax: number, exponent: number) {
    this.rankMax = rankMax
    this.exponent = exponent
    this.areaFirst = this.area(1.5) - 1
    this.areaLast = this.area(rankMax + 0.5)
    this.surePart = 2 - this.placeOf(this.area(2.5) - this.density(2))
  }

  draw(random: Random): number {
    while (true) {
      const area = this.areaLast + random.next() * (this.areaFirst - this.areaLast)
      const place = this.placeOf(area)
      const rank = Math.min(this.rankMax, Math.max(1, Math.round(place)))
      if (rank - place <= this.surePart || area >= this.area(rank + 0.5) - this.density(rank)) return rank
    }
  }

  private density(place: number): number {
    return place ** -this.exponent
  }

  /** The integral of the density from 1; exact near the exponent 1, too. */
  private area(place: number): number {
    const log = Math.log(place)
    return log * relativeExp((1 - this.exponent) * log)
  }

  private placeOf(area: number): number {
    return Math.exp(area * relativeLog(Math.max(-1, area * (1 - this.exponent))))
  }
}

/** (e ** x - 1) / x, and log(1 + x) / x, with their limits at 0. */
const relativeExp = (x: number): number => (Math.abs(x) > TINY ? Math.expm1(x) / x : 1 + x / 2)
const relativeLog = (x: number): number => (Math.abs(x) > TINY ? Math.log1p(x) / x : 1 - x / 2)
const TINY = 1e-8
