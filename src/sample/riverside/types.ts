/** Whoever works at Riverside Community Hospital. All are made up. */
export interface Staff {
  id: string;
  name: string;
  role: StaffRole;
  ward: string;
  /** The computer at which they mostly sit. */
  host: string;
  ip: string;
  shift: Shift;
}

export type StaffRole = 'nurse' | 'physician' | 'technician' | 'pharmacist' | 'clerk' | 'manager' | 'it';

/** `rota`: three turns around the clock; `day`: 07 to 18; `office`: 08 to 16 on weekdays. */
export type Shift = { kind: 'rota'; turn: 0 | 1 | 2 } | { kind: 'day' } | { kind: 'office' };

export interface SamplePatient {
  id: string;
  isVip: boolean;
  isStaff: boolean;
}

export type DeviceKind =
  | 'pc'
  | 'tablet'
  | 'server'
  | 'infusion-pump'
  | 'monitor'
  | 'modality'
  | 'analyser'
  | 'printer'
  | 'phone';

export interface Device {
  name: string;
  kind: DeviceKind;
  ip: string;
  zone: 'offices' | 'servers' | 'imaging' | 'medical-devices' | 'laboratory' | 'guests';
}

export interface Vendor {
  account: string;
  does: string;
  /** From where it signs in. */
  ip: string;
}

/** A patient in a bed, from admission to discharge. */
export interface Stay {
  bed: number;
  ward: string;
  patient: SamplePatient;
  attending: Staff;
  fromMs: number;
  toMs: number;
}

export interface Hospital {
  seed: number;
  name: string;
  staff: readonly Staff[];
  patients: readonly SamplePatient[];
  devices: readonly Device[];
  vendors: readonly Vendor[];
  servers: Readonly<Record<ServerName, Device>>;
}

export type ServerName = 'ehr' | 'domainController' | 'fileServer' | 'backup' | 'pacs' | 'laboratory' | 'vpn' | 'mail';
