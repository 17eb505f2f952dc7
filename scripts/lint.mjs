import { install, run } from './setup.mjs'

install()
run('npx', ['biome', 'check', ...process.argv.slice(2)])
run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '--incremental', 'false'])
// What runs in a browser knows other names.
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'lib/admin/page'])
