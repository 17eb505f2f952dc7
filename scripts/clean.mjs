// npm run clean: removes what was built.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './setup.mjs'

for (const folder of ['dist', 'coverage']) rmSync(join(ROOT, folder), { recursive: true, force: true })
