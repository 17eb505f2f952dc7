import { EngineDriver } from '../support/engine-driver.js'
import { Random } from '../support/random.js'
import { MEGABYTE, Walk } from './model-walk.js'

interface WalkPlan {
  title: string
  /** In megabytes. */
  memory: number
  mayEvict: boolean
  keys: number
  longest: number
  steps: number
  calm?: boolean
}

describe('the store, compared with a Map', () => {
  const walks: readonly WalkPlan[] = [
    {
      title: 'with room for everything',
      memory: 16,
      mayEvict: false,
      keys: 300,
      longest: 100_000,
      steps: 20_000,
    },
    {
      title: 'with too little memory',
      memory: 2,
      mayEvict: true,
      keys: 5000,
      longest: 60_000,
      steps: 60_000,
    },
    {
      title: 'with too little memory, and no eviction',
      memory: 2,
      mayEvict: false,
      keys: 8000,
      longest: 30_000,
      steps: 40_000,
    },
    {
      title: 'with many small items, while the index grows',
      memory: 16,
      mayEvict: false,
      keys: 60_000,
      longest: 100,
      steps: 80_000,
      calm: true,
    },
    {
      title: 'with many small items, and too little memory',
      memory: 4,
      mayEvict: true,
      keys: 60_000,
      longest: 100,
      steps: 80_000,
      calm: true,
    },
    {
      title: 'with values as large as may be',
      memory: 8,
      mayEvict: true,
      keys: 60,
      longest: 1_500_000,
      steps: 8000,
    },
  ]
  for (const { title, memory, mayEvict, keys, longest, steps, calm = false } of walks) {
    it(`returns the same ${title}`, () => {
      const random = new Random()
      const memoryLength = memory * MEGABYTE
      const driver = new EngineDriver(memoryLength, mayEvict, 2 * MEGABYTE)
      const options = { memoryLength, mayEvict, keyCount: keys, valueLengthMax: longest, isCalm: calm }
      const walk = new Walk(random, driver, options)
      for (let done = 0; done < steps; done++) {
        try {
          walk.step()
          if (done % (steps / 40) === 0) walk.check()
        } catch (error) {
          throw new Error(`step ${done} with SEED=${random.seed}: ${(error as Error).message}`, {
            cause: error,
          })
        }
      }
      walk.finish()
    })
  }
})
