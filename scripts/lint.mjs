import { install, run } from './setup.mjs'

install()
run('npx', ['biome', 'check', ...process.argv.slice(2)])
run('npx', ['tsc', '--noEmit', '--incremental', 'false'])
