import { connection, processStart, SYSMON, windowsEvent } from '../writers.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import type { Device, Hospital } from '../riverside/types.ts';
import { MINUTE, SECOND, type Story } from './story.ts';

const PROGRAM = 'C:\\Windows\\tasksche.exe';
const SYSTEM32 = 'C:\\Windows\\System32';
/** Computers that fall, one after the other. */
const FALLEN = 3;
const REACHED = 60;
const FILES = 340;

/** Like WannaCry: through file sharing from computer to computer, and each of them is encrypted within minutes. */
export const worm: Story = {
  id: 'worm',
  title: 'A worm spreads through file sharing and encrypts computers',
  lengthMs: 24 * MINUTE,
  foundBy: ['smb_sweep', 'win_shadow_copies_deleted', 'win_ransom_note_written', 'win_mass_file_change_by_one_program'],
  messages: (hospital, fromMs) =>
    times(FALLEN, (i) => fall(hospital, pcOf(hospital, 60 + i * 9), fromMs + i * 7 * MINUTE)).flat(),
};

function pcOf({ devices }: Hospital, number: number): Device {
  const pc = devices.filter(({ kind }) => kind === 'pc')[number];
  if (pc === undefined) throw new TypeError(`there is no computer number ${number}`);
  return pc;
}

function fall(hospital: Hospital, pc: Device, fromMs: number): Message[] {
  const start = (afterS: number, image: string, commandLine: string): Message =>
    sent('windows', processStart(fromMs + afterS * SECOND, pc.name, 'SYSTEM', image, commandLine, PROGRAM));
  const write = (afterS: number, name: string): Message =>
    sent(
      'windows',
      windowsEvent(fromMs + afterS * SECOND, pc.name, SYSMON, 11, {
        Image: PROGRAM,
        TargetFilename: `C:\\Users\\Public\\Documents\\${name}`,
        User: 'NT AUTHORITY\\SYSTEM',
        ProcessId: 2_112,
      }),
    );
  const others = hospital.devices.filter(({ ip }) => ip !== pc.ip);
  return [
    start(0, PROGRAM, 'tasksche.exe /i'),
    ...times(REACHED, (i) => {
      const { ip } = others[(i * 5) % others.length] ?? pc;
      return sent('zeek', connection(fromMs + (5 + i) * SECOND, pc.ip, ip, 445, i % 4 === 0 ? 'SF' : 'S0', 1_200));
    }),
    start(70, `${SYSTEM32}\\icacls.exe`, 'icacls . /grant Everyone:F /T /C /Q'),
    ...times(FILES, (i) => write(80 + i * 0.2, `letter-${i}.docx.WNCRY`)),
    write(150, '@Please_Read_Me@.txt'),
    start(155, `${SYSTEM32}\\vssadmin.exe`, 'vssadmin delete shadows /all /quiet'),
    start(156, `${SYSTEM32}\\bcdedit.exe`, 'bcdedit /set {default} recoveryenabled no'),
    start(157, `${SYSTEM32}\\wbadmin.exe`, 'wbadmin delete catalog -quiet'),
  ];
}
