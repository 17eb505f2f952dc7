import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { ConnectionTable } from '../../lib/metrics/connection-table.js'

describe('The table of connections', () => {
  const newTable = () => new ConnectionTable(Arena.create(ConnectionTable.regionLength(4, 1)), 4)

  it('has the time of the last command after the year 2038', () => {
    const table = newTable()
    const row = table.enter(27)
    table.setLastTime(row, 2 ** 31 + 5)
    expect(table.lastTime(row)).equal(2 ** 31 + 5)
    expect(table.statistics(2 ** 31 + 8)).deep.include(['27:secs_since_last_cmd', '3'])
  })

  it('shows connections in the order of their numbers beyond 2^31', () => {
    const table = newTable()
    const numbers = [2 ** 31, 2 ** 31 - 1, 2 ** 31 + 1]
    for (const number of numbers) table.enter(number)
    const shown = table.statistics(0).filter(([name]) => name.endsWith(':state'))
    expect(shown.map(([name]) => Number.parseInt(name, 10))).deep.equal(
      numbers.toSorted((one, other) => one - other),
    )
  })
})
