import { Turns } from '../../server/connection/turns.js'
import { realImmediate } from './real-time.js'

/** Turns that go on while the timers of the program under test are fake. */
export class TestTurns extends Turns {
  protected override runSoon(go: () => void): void {
    realImmediate(go)
  }
}
