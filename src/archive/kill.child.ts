/** Hands entries to an archive and seals as often as it can, until it is killed: `node kill.child.ts DIR COUNT`. */
import { FakeLedger, manyEvents, openOver, NOW } from './support.fixture.ts';

const [dir = '', many = '0'] = process.argv.slice(2);
const ledger = new FakeLedger();
ledger.append(manyEvents(Number(many)));
const archive = await openOver(ledger, dir, NOW);
await archive.settled();
process.stdout.write('ready\n');
for (;;) {
  archive.accept(ledger.append(manyEvents(40, { from: ledger.entries.length })));
  await archive.seal({ all: true });
  process.stdout.write(`${ledger.entries.length}\n`);
}
