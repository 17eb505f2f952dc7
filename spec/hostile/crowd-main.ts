/** What crowd-process.ts starts: a crowd that begins when it is told to, and ends with its parent. */
import { Connection } from '../support/connection.js'
import { Crowd, HOSTILITIES } from './crowd.js'

const [path, name, count] = process.argv.slice(2)
process.once('disconnect', () => process.exit())
process.once('message', async () => {
  const hostilities = HOSTILITIES.filter((hostility) => hostility.name === name)
  await Crowd.gather({ connect: () => Connection.open({ path: path! }) }, hostilities, Number(count))
  process.send!('gathered')
})
process.send!('ready')
