import { Random } from '../random.ts';
import { GIVEN, SURNAMES } from './names.ts';
import type {
  Device,
  DeviceKind,
  Hospital,
  SamplePatient,
  ServerName,
  Shift,
  Staff,
  StaffRole,
  Vendor,
} from './types.ts';

export const BEDS = 60;
const PATIENTS = 2_000;

/** Ward → its beds; the others have none. */
export const WARDS: Readonly<Record<string, number>> = {
  ICU: 8,
  'Ward 1': 14,
  'Ward 2': 14,
  Cardiology: 10,
  Maternity: 8,
  Emergency: 6,
};

interface Post {
  role: StaffRole;
  ward: string;
  count: number;
  shift: 'rota' | 'day' | 'office';
}

/** 120 people. */
const POSTS: readonly Post[] = [
  ...Object.entries(WARDS).map(([ward, beds]) => ({
    role: 'nurse' as const,
    ward,
    count: beds >= 10 ? 12 : 10,
    shift: 'rota' as const,
  })),
  ...Object.keys(WARDS).map((ward) => ({ role: 'physician' as const, ward, count: 4, shift: 'day' as const })),
  { role: 'technician', ward: 'Radiology', count: 6, shift: 'rota' },
  { role: 'technician', ward: 'Laboratory', count: 6, shift: 'rota' },
  { role: 'pharmacist', ward: 'Pharmacy', count: 3, shift: 'day' },
  { role: 'clerk', ward: 'Billing', count: 9, shift: 'office' },
  { role: 'manager', ward: 'Administration', count: 4, shift: 'office' },
  { role: 'it', ward: 'IT', count: 2, shift: 'day' },
];

const SERVERS: Readonly<Record<ServerName, Device>> = {
  ehr: server('ehr-app01', '10.20.0.10'),
  domainController: server('dc01', '10.20.0.5'),
  fileServer: server('files01', '10.20.0.20'),
  backup: server('backup01', '10.20.0.30'),
  pacs: { ...server('pacs01', '10.30.0.10'), zone: 'imaging' },
  laboratory: { ...server('lis01', '10.50.0.10'), zone: 'laboratory' },
  vpn: server('vpn01', '10.20.0.2'),
  mail: server('mail01', '10.20.0.40'),
};

const VENDORS: readonly Vendor[] = [
  { account: 'ext-imagevendor', does: 'looks after the PACS', ip: '198.51.100.20' },
  { account: 'ext-labvendor', does: 'looks after the analysers', ip: '198.51.100.40' },
  { account: 'ext-billing', does: 'codes and bills', ip: '198.51.100.60' },
];

/** Riverside Community: 60 beds, 120 staff, 2,000 patients, 400 devices. The same seed gives the same hospital. */
export function createHospital(seed = 7): Hospital {
  const random = new Random(seed);
  return {
    seed,
    name: 'Riverside Community Hospital',
    staff: createStaff(random),
    patients: createPatients(random),
    devices: createDevices(),
    vendors: VENDORS,
    servers: SERVERS,
  };
}

function createStaff(random: Random): Staff[] {
  const taken = new Set<string>();
  const staff: Staff[] = [];
  for (const { role, ward, count, shift } of POSTS)
    for (let i = 0; i < count; i += 1) {
      const { id, name } = freshName(random, taken);
      const number = staff.length + 1;
      const host = `${ward.toLowerCase().replaceAll(/\W/g, '').slice(0, 6)}-pc${number}`;
      staff.push({ id, name, role, ward, host, ip: `10.20.1.${number}`, shift: shiftOf(shift, i) });
    }
  return staff;
}

function freshName(random: Random, taken: Set<string>): { id: string; name: string } {
  for (;;) {
    const given = random.pick(GIVEN);
    const surname = random.pick(SURNAMES);
    const id = `${given.slice(0, 2)}.${surname}`.toLowerCase();
    if (taken.has(id)) continue;
    taken.add(id);
    return { id, name: `${given} ${surname}` };
  }
}

function shiftOf(kind: Post['shift'], index: number): Shift {
  return kind === 'rota' ? { kind, turn: (index % 3) as 0 | 1 | 2 } : { kind };
}

function createPatients(random: Random): SamplePatient[] {
  return Array.from({ length: PATIENTS }, (_, i) => ({
    id: `RC${100_200 + i * 7}`,
    isVip: i === 17,
    isStaff: i !== 17 && random.next() < 0.02,
  }));
}

/** Kind, how many, name, the first three numbers of the addresses, zone. */
const PARK: readonly [kind: DeviceKind, count: number, name: string, net: string, zone: Device['zone']][] = [
  ['pc', 130, 'pc', '10.20.1', 'offices'],
  ['pc', 52, 'ws', '10.20.2', 'offices'],
  ['tablet', 24, 'tablet', '10.20.3', 'offices'],
  ['infusion-pump', 64, 'pump', '10.40.0', 'medical-devices'],
  ['monitor', 40, 'monitor', '10.40.1', 'medical-devices'],
  ['modality', 12, 'modality', '10.30.1', 'imaging'],
  ['analyser', 14, 'analyser', '10.50.1', 'laboratory'],
  ['printer', 30, 'printer', '10.20.4', 'offices'],
  ['phone', 26, 'phone', '10.20.5', 'offices'],
];

function createDevices(): Device[] {
  const park = PARK.flatMap(([kind, count, name, net, zone]) =>
    Array.from({ length: count }, (_, i) => ({ name: `${name}${i + 1}`, kind, ip: `${net}.${i + 1}`, zone })),
  );
  return [...Object.values(SERVERS), ...park];
}

function server(name: string, ip: string): Device {
  return { name, kind: 'server', ip, zone: 'servers' };
}
