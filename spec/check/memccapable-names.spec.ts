import { expect } from 'chai'
import { CHECKS } from '../../lib/check/all-checks.js'

/** The tests of memccapable by name, and the checks that cover the same. */
const COUNTERPARTS: Readonly<Record<string, string>> = {
  'ascii version': 'text.session.version text.session.version-with-words',
  'ascii quit': 'text.session.quit text.session.quit-with-words text.session.quit-noreply',
  'ascii verbosity':
    'text.session.verbosity text.session.verbosity-no-level text.session.verbosity-many-words',
  'ascii set': 'text.store.set text.store.too-few-words',
  'ascii set noreply': 'text.store.set-noreply',
  'ascii get': 'text.get.hit text.get.no-key',
  'ascii gets': 'text.get.gets text.get.gets-no-key',
  'ascii mget': 'text.get.several text.get.many-keys',
  'ascii flush': 'text.session.flush',
  'ascii flush noreply': 'text.session.flush-noreply',
  'ascii add': 'text.store.add text.store.add-existing',
  'ascii add noreply': 'text.store.add-noreply',
  'ascii replace': 'text.store.replace text.store.replace-missing',
  'ascii replace noreply': 'text.store.replace-noreply',
  'ascii cas': 'text.cas.right text.cas.wrong',
  'ascii cas noreply': 'text.cas.noreply',
  'ascii delete': 'text.delete.hit text.delete.miss text.delete.no-key text.delete.many-words',
  'ascii delete noreply': 'text.delete.noreply',
  'ascii incr': 'text.counter.incr',
  'ascii incr noreply': 'text.counter.incr-noreply',
  'ascii decr': 'text.counter.decr',
  'ascii decr noreply': 'text.counter.decr-noreply',
  'ascii append': 'text.store.append text.store.append-missing',
  'ascii append noreply': 'text.store.append-noreply',
  'ascii prepend': 'text.store.prepend text.store.prepend-missing',
  'ascii prepend noreply': 'text.store.prepend-noreply',
  'ascii stat': 'text.session.stats-unknown text.session.stats',
  'binary noop': 'binary.session.noop',
  'binary quit': 'binary.session.quit',
  'binary quitq': 'binary.session.quitq',
  'binary set': 'binary.store.set binary.cas.set-right',
  'binary setq': 'binary.store.setq',
  'binary flush': 'binary.destructive.flush binary.destructive.flush-0',
  'binary flushq': 'binary.destructive.flushq',
  'binary add': 'binary.store.add binary.store.add-existing',
  'binary addq': 'binary.store.addq binary.store.addq-existing',
  'binary replace': 'binary.store.replace binary.store.replace-missing binary.cas.replace-right',
  'binary replaceq': 'binary.store.replaceq binary.store.replaceq-missing',
  'binary delete': 'binary.delete.hit binary.delete.miss',
  'binary deleteq': 'binary.delete.quiet-hit binary.delete.quiet-miss',
  'binary get': 'binary.get.hit binary.get.miss',
  'binary getq': 'binary.get.getq-hit binary.get.getq-miss',
  'binary getk': 'binary.get.getk-hit binary.get.getk-miss',
  'binary getkq': 'binary.get.getkq-hit binary.get.getkq-miss',
  'binary incr': 'binary.counter.increment binary.counter.increment-creates',
  'binary incrq': 'binary.counter.incrementq binary.counter.incrementq-creates',
  'binary decr': 'binary.counter.decrement binary.counter.decrement-creates',
  'binary decrq': 'binary.counter.decrementq binary.counter.decrementq-creates',
  'binary version': 'binary.session.version',
  'binary append': 'binary.append.append binary.append.append-missing',
  'binary appendq': 'binary.append.appendq binary.append.appendq-missing',
  'binary prepend': 'binary.append.prepend binary.append.prepend-missing',
  'binary prependq': 'binary.append.prependq binary.append.prependq-missing',
  'binary stat': 'binary.statistics.general',
}

describe('check, beside memccapable,', () => {
  const names = new Set(CHECKS.map(({ name }) => name))

  it('covers everything that memccapable checks', () => {
    expect(Object.keys(COUNTERPARTS).length).to.equal(54)
    for (const [theirs, ours] of Object.entries(COUNTERPARTS))
      for (const name of ours.split(' ')) expect(names, theirs).to.include(name)
  })
})
