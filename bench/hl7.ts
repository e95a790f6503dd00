// node bench/hl7.ts [seconds a figure, default 1]
//
// HL7v2, one thread, processor time, over the public messages of ../shared/data/formats/hl7v2 with the wire's CR: messages a
// second of the split alone (MSH, EVN, PID, PV1 looked at), of the split with its facts, and of the whole way to an event; each as a share
// of cutting the same messages with nothing but `split`, in the same run.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createDraft, finishDraft } from '../src/ingest/ocsf/draft.ts';
import { hl7Facts } from '../src/ingest/sources/hl7v2/facts.ts';
import { hl7v2 } from '../src/ingest/sources/hl7v2/hl7v2.ts';
import { isHl7Fault, parseHl7, segmentNamed, textIn } from '../src/ingest/sources/hl7v2/message.ts';
import type { MapContext } from '../src/ingest/types.ts';

const SECONDS = Number(process.argv[2] ?? '1');
const FOLDER = fileURLToPath(new URL('../../shared/data/formats/hl7v2/', import.meta.url));

const messages = readdirSync(FOLDER)
  .flatMap((name) =>
    readFileSync(FOLDER + name, 'utf8')
      .split(/\r\n|\r|\n/)
      .join('\r')
      .split(/(?=^MSH)/m),
  )
  .filter((text) => text.includes('MSH'));
const bytes = messages.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const context: MapContext = { format: 'bench', receivedMs: 0, referenceMs: 0, zone: undefined, year: undefined };
const [family] = hl7v2.families;

/** Messages a second of processor time. */
function rate(work: (text: string) => void): number {
  for (let round = 0; round < 20; round += 1) messages.forEach((text) => work(text));
  const start = process.threadCpuUsage();
  let done = 0;
  let elapsed = 0;
  do {
    for (const text of messages) work(text);
    done += messages.length;
    const { user, system } = process.threadCpuUsage(start);
    elapsed = (user + system) / 1e6;
  } while (elapsed < SECONDS);
  return done / elapsed;
}

let cells = 0;
const bare = rate((text) => {
  for (const line of text.split('\r')) cells += line.split('|').length;
});

function report(name: string, perSecond: number): void {
  const share = ((perSecond / bare) * 100).toFixed(0);
  console.log(`${name.padEnd(44)} ${Math.round(perSecond).toLocaleString('en').padStart(9)}/s  ${share.padStart(4)} %`);
}

console.log(`${messages.length} messages, ${Math.round(bytes / messages.length)} bytes each on average`);
report("split('\\r') and split('|') alone", bare);
report(
  'split, with MSH, EVN, PID, PV1 looked at',
  rate((text) => {
    const message = parseHl7(text);
    if (isHl7Fault(message)) throw new Error(message);
    for (const name of ['MSH', 'EVN', 'PID', 'PV1']) cells += textIn(message, segmentNamed(message, name), 3).length;
  }),
);
report(
  'split and facts',
  rate((text) => {
    const message = parseHl7(text);
    if (!isHl7Fault(message)) hl7Facts(message);
  }),
);
report(
  'from text to event',
  rate((text) => {
    const record = hl7v2.parse(text);
    if (record === null || !('fields' in record) || family === undefined) return;
    const draft = createDraft();
    family.map(record.fields, draft, context);
    finishDraft(draft, {
      family: family.name,
      kind: family.kind(record.fields),
      time: family.time(record.fields, context),
      receivedMs: 0,
    });
  }),
);
