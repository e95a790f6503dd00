import type { Message } from '../traffic/message.ts';
import type { Hospital, Staff, StaffRole } from '../riverside/types.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An attack laid into the hospital's ordinary traffic. */
export interface Story {
  id: string;
  /** What happens, for the person who watches the demo. */
  title: string;
  /** From its first to its last message. */
  lengthMs: number;
  /** Ids of our own rules that must find it; the pack's test of stories holds it to that. */
  foundBy: readonly string[];
  /** Its messages when it begins at `fromMs`, in any order. */
  messages(hospital: Hospital, fromMs: number): Message[];
}

/** The nth of a role, on a ward where one is named. */
export function staffOf(hospital: Hospital, role: StaffRole, ward?: string, nth = 0): Staff {
  const found = hospital.staff.filter((one) => one.role === role && (ward === undefined || one.ward === ward))[nth];
  if (found === undefined) throw new TypeError(`the hospital has no ${role} number ${nth}`);
  return found;
}
