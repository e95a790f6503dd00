/** Riverside Community Hospital: who works there, what stands there. All names are made up. */
export interface Person {
  id: string;
  name: string;
  role: 'nurse' | 'physician' | 'clerk';
  ward: string;
  host: string;
  ip: string;
}

export interface Patient {
  id: string;
  ward: string;
  isVip: boolean;
}

export const DOMAIN = 'RIVERSIDE';
export const PATIENT_AUTHORITY = 'urn:oid:2.999.1.1';

export const STAFF: readonly Person[] = [
  person('n.alvarez', 'Nora Alvarez', 'nurse', 'ICU', 11),
  person('t.okafor', 'Tunde Okafor', 'nurse', 'ICU', 12),
  person('m.lind', 'Maja Lind', 'nurse', 'Ward 2', 21),
  person('dr.shah', 'Priya Shah', 'physician', 'Cardiology', 31),
  person('dr.weber', 'Jonas Weber', 'physician', 'Emergency', 41),
  person('p.gruber', 'Paul Gruber', 'clerk', 'Billing', 51),
];

export const PATIENTS: readonly Patient[] = Array.from({ length: 120 }, (_, i) => ({
  id: `RC${String(100_200 + i * 7)}`,
  ward: ['ICU', 'Ward 2', 'Cardiology', 'Emergency'][i % 4] ?? 'ICU',
  isVip: i === 17,
}));

export const PLACES = {
  ehr: { host: 'ehr-app01', ip: '10.20.0.10' },
  domainController: { host: 'dc01', ip: '10.20.0.5' },
  fileServer: { host: 'files01', ip: '10.20.0.20' },
  backup: { host: 'backup01', ip: '10.20.0.30' },
  pacs: { host: 'pacs01', ip: '10.30.0.10' },
  radiologyPc: { host: 'rad-ws03', ip: '10.30.1.33' },
  infusionPump: { ip: '10.40.0.77' },
  vpnGateway: { host: 'vpn01', ip: '10.20.0.2' },
  attacker: { ip: '203.0.113.66' },
  vendorUser: 'ext-imagevendor',
} as const;

function person(id: string, name: string, role: Person['role'], ward: string, number: number): Person {
  return { id, name, role, ward, host: `ward-pc${number}`, ip: `10.20.1.${number}` };
}
