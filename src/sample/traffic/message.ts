import type { Line } from '../writers.ts';

/** The system that sends it, and with it the way it is sent. */
export type Channel = 'ehr' | 'adt' | 'windows' | 'zeek' | 'entra' | 'syslog';

/** One message of a system of the hospital, as it goes over the wire. */
export interface Message extends Line {
  channel: Channel;
}

export function sent(channel: Channel, { ms, text }: Line): Message {
  return { channel, ms, text };
}
