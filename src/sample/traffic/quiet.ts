import { Random } from '../random.ts';
import type { Hospital } from '../riverside/types.ts';
import { quietComputers } from './computers.ts';
import type { Message } from './message.ts';
import { quietNetwork } from './network.ts';
import { quietAccess, quietAdmissions } from './records.ts';

const MINUTE = 60_000;

/** All messages of one ordinary minute, by time. The same minute of the same hospital is always the same. */
export function quietMinute(hospital: Hospital, minuteMs: number): Message[] {
  const random = new Random((hospital.seed * 2_654_435_761 + minuteMs / MINUTE) >>> 0);
  return [
    ...quietAccess(hospital, minuteMs, random),
    ...quietAdmissions(hospital, minuteMs),
    ...quietComputers(hospital, minuteMs, random),
    ...quietNetwork(hospital, minuteMs, random),
  ].toSorted((a, b) => a.ms - b.ms);
}
