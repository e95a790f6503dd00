import { DOMAIN } from '../hospital.ts';
import type { Hospital } from '../riverside/types.ts';
import { times } from '../traffic/computers.ts';
import { type Message, sent } from '../traffic/message.ts';
import { connection, processStart, SYSMON, windowsEvent } from '../writers.ts';
import { DAY, HOUR, MINUTE, SECOND, type Story, staffOf } from './story.ts';

const CONTROL = '203.0.113.150';
const SYSTEM32 = 'C:\\Windows\\System32';
const CMD = `${SYSTEM32}\\cmd.exe`;
const POWERSHELL = `${SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe`;
const WORD = 'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE';
const FILES = 420;

/** Like Ryuk: a document opens the door, weeks of looking around, then backups and files within an hour. */
export const intrusion: Story = {
  id: 'intrusion',
  title: 'A month-long intrusion ends in ransomware',
  lengthMs: 29 * DAY,
  foundBy: [
    'win_office_starts_shell',
    'win_password_store_dumped',
    'win_local_admin_added',
    'win_veeam_passwords_read',
    'win_antivirus_disabled',
    'win_shadow_copies_deleted',
    'win_recovery_destroyed_step_by_step',
    'win_mass_file_change_by_one_program',
    'win_ransom_note_written',
  ],
  messages: (hospital, fromMs) => [
    ...foothold(hospital, fromMs),
    ...lookingAround(hospital, fromMs + 9 * DAY),
    ...takingOver(hospital, fromMs + 16 * DAY),
    ...theEnd(hospital, fromMs + 29 * DAY - HOUR),
  ],
};

function foothold(hospital: Hospital, fromMs: number): Message[] {
  const { host, id, ip } = staffOf(hospital, 'clerk');
  const commandLine = 'powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA';
  return [
    sent('windows', processStart(fromMs, host, id, POWERSHELL, commandLine, WORD)),
    // It calls home every hour for the first day.
    ...times(24, (i) => sent('zeek', connection(fromMs + 5 * SECOND + i * HOUR, ip, CONTROL, 443, 'SF', 900))),
  ];
}

function lookingAround(hospital: Hospital, fromMs: number): Message[] {
  const { host, id } = staffOf(hospital, 'clerk');
  const run = (minute: number, image: string, commandLine: string): Message =>
    sent('windows', processStart(fromMs + minute * MINUTE, host, id, image, commandLine, CMD));
  return [
    run(0, `${SYSTEM32}\\net.exe`, 'net group "Domain Admins" /domain'),
    run(2, `${SYSTEM32}\\nltest.exe`, 'nltest /domain_trusts /all_trusts'),
    run(6, 'C:\\Users\\Public\\AdFind.exe', 'AdFind.exe -f objectcategory=computer -csv'),
  ];
}

function takingOver(hospital: Hospital, fromMs: number): Message[] {
  const { fileServer, backup } = hospital.servers;
  const dumper = 'C:\\Users\\Public\\pd64.exe';
  const sql = 'sqlcmd.exe -d VeeamBackup -Q "SELECT user_name, password FROM dbo.Credentials"';
  return [
    sent('windows', processStart(fromMs, fileServer.name, 'svc_files', dumper, 'pd64.exe -ma lsass.exe l.dmp', CMD)),
    sent(
      'windows',
      windowsEvent(fromMs + SECOND, fileServer.name, SYSMON, 10, {
        SourceImage: dumper,
        TargetImage: `${SYSTEM32}\\lsass.exe`,
        GrantedAccess: '0x1fffff',
        SourceUser: `${DOMAIN}\\svc_files`,
        CallTrace: `${SYSTEM32}\\ntdll.dll+9d4c4|${SYSTEM32}\\dbgcore.DLL+6ca1`,
      }),
    ),
    sent(
      'windows',
      windowsEvent(fromMs + 20 * MINUTE, fileServer.name, 'Security', 4732, {
        TargetUserName: 'Administrators',
        TargetDomainName: 'Builtin',
        TargetSid: 'S-1-5-32-544',
        MemberSid: 'S-1-5-21-1-1-1-2290',
        MemberName: '-',
        SubjectUserName: 'svc_files',
        SubjectDomainName: DOMAIN,
        SubjectUserSid: 'S-1-5-21-1-1-1-1180',
        SubjectLogonId: '0x9a3f1',
      }),
    ),
    sent('zeek', connection(fromMs + 2 * HOUR, fileServer.ip, backup.ip, 3_389, 'SF', 400_000)),
    sent(
      'windows',
      processStart(fromMs + 2 * HOUR + 4 * MINUTE, backup.name, 'svc_files', 'C:\\Tools\\sqlcmd.exe', sql, CMD),
    ),
  ];
}

function theEnd(hospital: Hospital, fromMs: number): Message[] {
  const { fileServer, backup } = hospital.servers;
  const run = (host: string, minute: number, image: string, commandLine: string): Message =>
    sent('windows', processStart(fromMs + minute * MINUTE, host, 'svc_files', image, commandLine, CMD));
  const write = (ms: number, name: string): Message =>
    sent(
      'windows',
      windowsEvent(ms, fileServer.name, SYSMON, 11, {
        Image: 'C:\\Users\\Public\\v2c.exe',
        TargetFilename: `D:\\Shares\\${name}`,
        User: `${DOMAIN}\\svc_files`,
        ProcessId: 6_612,
      }),
    );
  return [
    run(fileServer.name, 0, POWERSHELL, 'powershell Set-MpPreference -DisableRealtimeMonitoring $true'),
    run(backup.name, 6, `${SYSTEM32}\\wbadmin.exe`, 'wbadmin delete catalog -quiet'),
    run(fileServer.name, 9, `${SYSTEM32}\\vssadmin.exe`, 'vssadmin.exe Delete Shadows /all /quiet'),
    run(fileServer.name, 9.5, `${SYSTEM32}\\bcdedit.exe`, 'bcdedit /set {default} recoveryenabled No'),
    run(fileServer.name, 11, `${SYSTEM32}\\net.exe`, 'net stop "SQLAgent$EHR" /y'),
    ...times(FILES, (i) => write(fromMs + 20 * MINUTE + i * 200, `Imaging\\study-${i}.dcm.RYK`)),
    write(fromMs + 23 * MINUTE, 'RyukReadMe.txt'),
  ];
}
