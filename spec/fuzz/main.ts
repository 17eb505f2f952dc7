import { parseArgs } from 'node:util'
import { ConnectionFuzz } from './connection-fuzz.js'

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const fuzz = new ConnectionFuzz(Number(values.seed))
const t = Date.now()
while (fuzz.frameCount < Number(values.frames)) {
  await fuzz.run()
  console.log(
    fuzz.frameCount,
    fuzz.connectionCount,
    fuzz.replyCount,
    fuzz.brokenOffCount,
    Math.round(fuzz.frameCount / (Date.now() - t)),
    'kf/s',
    process.memoryUsage().rss >> 20,
  )
}
