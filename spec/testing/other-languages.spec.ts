/** The example for pytest in lib/testing runs, as it stands there. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { needs, PYTEST, pythonWith } from '../support/peers.js'
import { MAIN } from '../support/program.js'
import { ProgramFolder, ROOT } from './programs.js'

const README = readFileSync(join(ROOT, 'lib/testing/README.md'), 'utf8')
const [, EXAMPLE] = /<!-- example: pytest -->\n```python\n(.*?)```/s.exec(README)!

describe('the example for pytest', function () {
  needs(PYTEST)
  this.timeout(60_000)
  this.slow(10_000)
  let folder: ProgramFolder
  before(() => {
    folder = new ProgramFolder()
  })
  after(() => folder.remove())

  it('passes', () => {
    // As npx finds it in a project that has the package installed.
    mkdirSync(join(folder.path, 'bin'))
    const npx = folder.write('bin/npx', `#!/bin/sh\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
    chmodSync(npx, 0o755)
    const file = folder.write('test_cache.py', EXAMPLE!)
    const { status, stdout, stderr } = folder.run(
      pythonWith('pytest')!,
      ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', file],
      { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}` },
    )
    expect(status, stdout + stderr).to.equal(0)
    expect(stdout).to.include('2 passed')
  })
})
