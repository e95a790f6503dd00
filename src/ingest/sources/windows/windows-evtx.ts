import type { BinarySource } from '../../source.ts';
import { EvtxReader } from './evtx/reader.ts';
import { isEvtx } from './evtx/headers.ts';
import { windows } from './family.ts';

/** Event log files of Windows Vista and later. A record's raw form is its XML with its place in front. */
export const evtx: BinarySource = {
  shape: 'binary',
  name: 'evtx',
  title: 'Windows event log files (EVTX)',
  families: [windows],
  oracle: 'libevtx and @ts-evtx/core on four event logs, 2,630 records',
  recognise: (head) => isEvtx(head.bytes),
  open: () => new EvtxReader(),
};
