import { Random } from '../random.ts';
import { BEDS, WARDS } from './hospital.ts';
import type { Hospital, Staff, Stay } from './types.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Two of seven days are free. */
const WORKDAYS = 5;

/** Who is at work, and who lies in which bed, at any moment: computed, so that a stream can begin anywhere. */

/** Whether somebody is on duty. The hospital's clock is UTC. */
export function isOnDuty({ seed }: Hospital, person: Staff, ms: number): boolean {
  const hour = (ms % DAY) / HOUR;
  const weekday = new Date(ms).getUTCDay();
  switch (person.shift.kind) {
    case 'office':
      return weekday >= 1 && weekday <= 5 && hour >= 8 && hour < 16;
    case 'day':
      return hour >= 7 && hour < 18 && works(seed, person, Math.floor(ms / DAY));
    case 'rota': {
      // Turns begin at 6, 14 and 22; the night belongs to the day on which it began.
      const since = ms - 6 * HOUR;
      const turn = Math.floor((since % DAY) / (8 * HOUR));
      return turn === person.shift.turn && works(seed, person, Math.floor(since / DAY));
    }
  }
}

function works(seed: number, { id }: Staff, day: number): boolean {
  return (hash(seed, id.length * 31 + id.charCodeAt(0) + id.charCodeAt(3), 1) + day) % 7 < WORKDAYS;
}

/** Everybody on duty. */
export function onDuty(hospital: Hospital, ms: number): Staff[] {
  return hospital.staff.filter((person) => isOnDuty(hospital, person, ms));
}

const BED_WARDS: readonly string[] = Object.entries(WARDS).flatMap(([ward, beds]) => Array<string>(beds).fill(ward));

/** The stay in a bed at a moment. One follows the other: a stay takes one to six days. */
export function stayAt(hospital: Hospital, bed: number, ms: number): Stay {
  const lengthMs = (1 + (hash(hospital.seed, bed, 2) % 11) / 2) * DAY;
  const offsetMs = hash(hospital.seed, bed, 3) % lengthMs;
  const index = Math.floor((ms - offsetMs) / lengthMs);
  const fromMs = index * lengthMs + offsetMs;
  const ward = BED_WARDS[bed] ?? 'Ward 1';
  const number = hash(hospital.seed, bed * 7919 + index, 4);
  const physicians = hospital.staff.filter((person) => person.role === 'physician' && person.ward === ward);
  return {
    bed,
    ward,
    // The protected person comes by story alone.
    patient: pickBy(
      hospital.patients.filter(({ isVip }) => !isVip),
      number,
    ),
    attending: pickBy(physicians, number),
    fromMs,
    toMs: fromMs + lengthMs,
  };
}

/** Stays of all beds at a moment. */
export function staysAt(hospital: Hospital, ms: number): Stay[] {
  return Array.from({ length: BEDS }, (_, bed) => stayAt(hospital, bed, ms));
}

function pickBy<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new TypeError('nothing to pick from');
  return item;
}

/** A number that depends on all three alone. */
function hash(seed: number, what: number, salt: number): number {
  return new Random(
    (Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(what + 1, 0x85eb_ca6b) ^ Math.imul(salt, 0xc2b2_ae35)) >>> 0,
  ).whole(0, 0x7fff_ffff);
}
