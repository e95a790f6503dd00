import type { Random } from '../random.ts';
import type { Device, Hospital } from '../riverside/types.ts';
import { connection } from '../writers.ts';
import { times } from './computers.ts';
import { type Message, sent } from './message.ts';

const MINUTE = 60_000;
const CONNECTIONS_PER_MINUTE_BY_DAY = 26;
const CONNECTIONS_PER_MINUTE_BY_NIGHT = 9;

/** Connections within a minute: each device speaks with the few servers that its kind needs. */
export function quietNetwork(hospital: Hospital, fromMs: number, random: Random): Message[] {
  const hour = new Date(fromMs).getUTCHours();
  const mean = hour >= 7 && hour < 19 ? CONNECTIONS_PER_MINUTE_BY_DAY : CONNECTIONS_PER_MINUTE_BY_NIGHT;
  return times(random.count(mean), () => {
    const device = random.pick(hospital.devices);
    const { to, port, bytes } = partnerOf(hospital, device, random);
    return sent('zeek', connection(fromMs + random.whole(0, MINUTE - 1), device.ip, to, port, 'SF', bytes));
  });
}

function partnerOf({ servers }: Hospital, { kind }: Device, random: Random) {
  const { ehr, pacs, laboratory, fileServer, domainController, mail } = servers;
  switch (kind) {
    case 'modality':
      return { to: pacs.ip, port: 11_112, bytes: random.whole(200_000, 40_000_000) };
    case 'infusion-pump':
    case 'monitor':
      return { to: ehr.ip, port: 2_575, bytes: random.whole(300, 2_000) };
    case 'analyser':
      return { to: laboratory.ip, port: 2_575, bytes: random.whole(500, 6_000) };
    case 'printer':
    case 'phone':
      return { to: domainController.ip, port: 123, bytes: 48 };
    case 'server':
      return { to: domainController.ip, port: 389, bytes: random.whole(200, 3_000) };
    case 'pc':
    case 'tablet':
      return random.pick([
        { to: ehr.ip, port: 443, bytes: random.whole(1_000, 30_000) },
        { to: ehr.ip, port: 443, bytes: random.whole(1_000, 30_000) },
        { to: fileServer.ip, port: 445, bytes: random.whole(1_000, 200_000) },
        { to: mail.ip, port: 443, bytes: random.whole(1_000, 80_000) },
      ]);
  }
}
