// Run by kill.test.ts: waits for a line on standard input, opens the ledger and appends batches of three until it is
// killed, and says on standard output, one line a batch, how many records have been acknowledged.
import { readSync, writeSync } from 'node:fs';
import { openLedger } from './ledger.ts';
import { entriesOf } from './support.fixture.ts';

const [dir = '', keyFile = ''] = process.argv.slice(2);
writeSync(1, 'ready\n');
readSync(0, Buffer.alloc(1));
// Small segments, so that kills also fall into the beginning of one.
const ledger = await openLedger({ dir, keyFile, publishEveryMs: 5, segmentBytes: 30_000 });
let done = ledger.mark('source')?.records ?? 0;
for (;;) {
  const calls: Promise<unknown>[] = [];
  for (let call = 0; call < 4; call += 1) {
    const records = done + 3;
    const mark = { sourceId: 'source', headHash: '', offset: records, records, prefixHash: null, state: null };
    calls.push(ledger.append(entriesOf(done, 3), { marks: [mark] }));
    done = records;
  }
  await Promise.all(calls);
  writeSync(1, `${done}\n`);
}
