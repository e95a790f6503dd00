import { either, listed } from './names.ts';
import type { Facts, IncidentWords } from './words.ts';

const names = (all: readonly string[]): string => listed(all, 'and', (left) => `${left} more`);

const who = ({ user }: Facts, otherwise: string): string => (user === null ? otherwise : `the account ${user}`);
const by = ({ user }: Facts): string => (user === null ? '' : ` by the account ${user}`);
const where = ({ device, address }: Facts): string => device ?? address ?? 'a computer';
const actor = ({ device, address }: Facts): string =>
  device ?? (address === null ? 'a device' : `the device ${address}`);
const from = ({ from: origin }: Facts): string => {
  if (origin === null) return '';
  return origin.isOutside ? ` from the internet (${origin.address})` : ` from ${origin.name}`;
};
const factor = ({ isPasswordAlone }: Facts): string => (isPasswordAlone ? ' with a password alone' : '');
const records = (patients: number): string =>
  patients > 1 ? `the records of ${patients} patients` : 'a patient record';

/** Incidents told in English. */
export const en: IncidentWords = {
  locale: 'en-GB',
  happenings: {
    ransomNote: (f) => `a ransom note was left on ${where(f)}`,
    manyFilesChanged: (f) => `one program changed ${f.count ?? 'many'} files on ${where(f)}, as encryption does`,
    encrypted: (f) => `files on ${where(f)} were encrypted in large numbers`,
    shadowCopies: (f) => `the shadow copies of ${where(f)} were deleted`,
    automaticRepair: (f) => `automatic repair of ${where(f)} was switched off`,
    windowsBackups: (f) => `the Windows backups of ${where(f)} were deleted`,
    backups: (f) => `backups or restore points of ${where(f)} were destroyed`,
    protectionOff: (f) => `virus protection or recording on ${where(f)} was switched off`,
    passwordStore: (f) => `the password store of ${where(f)} was read${by(f)}`,
    storedPasswords: (f) => `stored passwords on ${where(f)} were read${by(f)}`,
    promptFlood: (f) => `${who(f, 'an account')} was flooded with sign-in prompts until one was approved${from(f)}`,
    passwordsTried: (f) => `passwords of many accounts were tried${from(f)}`,
    remoteControl: (f) =>
      `a remote-control program${f.program === null ? '' : ` (${f.program})`} was started on ${where(f)}${by(f)}`,
    document: (f) =>
      `a document${f.user === null ? '' : ` that ${who(f, '')} opened`} on ${where(f)} started a hidden program`,
    fileSharing: (f) => `${actor(f)} tried the file sharing of ${f.count ?? 'many'} others`,
    scan: (f) => `${actor(f)} tried to reach ${f.count === null ? '' : `${f.count} `}other devices`,
    recordsOpened: (f) => `${who(f, 'somebody')} opened ${records(f.patients)}${from(f)}`,
    newAccount: (f) => `a new account was made on ${where(f)}${by(f)}`,
    moreRights: (f) => `an account on ${where(f)} was given more rights${by(f)}`,
    servicesStopped: (f) => `important services on ${where(f)} were stopped`,
    tracesWiped: (f) => `traces on ${where(f)} were wiped`,
    signIn: (f) => `${who(f, 'somebody')} signed in${from(f)}${factor(f)}`,
    unusualSignIn: (f) => `${who(f, 'somebody')} signed in in an unusual way${from(f)}${factor(f)}`,
    command: (f) => `a suspicious command ran on ${where(f)}${by(f)}`,
  },
  manyOpened: (people, patients) => `${people} people opened ${records(patients)}`,
  ruleMatched: (title, place) => `the rule \u201C${title}\u201D matched${place === null ? '' : ` on ${place}`}`,
  at: (day, clock, sentence) => `${day === null ? 'At' : `On ${day} at`} ${clock} ${sentence}`,
  again: (times, until) => ` (${times} times${until === null ? '' : `, until ${until}`})`,
  moreSteps: (count) =>
    count === 1 ? 'One more step is in the timeline.' : `${count} more steps are in the timeline.`,
  actions: {
    isolate: ({ devices, addresses }) => ({
      text: `Pull the network cable of ${either(names(devices), names(addresses), 'the affected computers')} (or switch off the Wi-Fi there). Leave the power on.`,
      why: 'It stops the spread at once, and what is in memory stays for the investigation. If a device is attached to a patient, ask the ward first: care comes before all of this.',
    }),
    keepBackups: () => ({
      text: 'Disconnect the backup disks and the backup server from the network, and check that one copy lies offline.',
      why: 'Whoever encrypts goes for the backups first; one good copy decides whether the hospital can come back.',
    }),
    endRemoteControl: ({ users, devices }) => ({
      text: `Close the remote-control program on ${either(names(devices), 'the computer')}, pull its network cable${users.length === 0 ? '' : `, and block the account ${names(users)}`}.`,
      why: 'Somebody outside may steer this computer. Then call the vendor or person on a number that you already had.',
    }),
    blockAccount: ({ users, outside }) => ({
      text: `Block the account ${either(names(users), 'that signed in')}, end its sessions, and block ${names(outside)} at the firewall.`,
      why: 'Somebody uses it from the internet. Call the person or vendor on a number that you already had: is a password stolen, or a device lost?',
    }),
    endSession: ({ users, devices, addresses }) => ({
      text: `End the session of ${either(names(users), 'the account')} now, and take ${either(names(devices), names(addresses), 'the computer')} off the network.`,
      why: 'Records are read faster than a person reads: a program does it, and what it reads may be leaving. Look for large uploads from there.',
    }),
    changePasswords: ({ users, devices }) => ({
      text: `Change the passwords and end all sessions of ${either(names(users), devices.length === 0 ? 'the accounts in this incident' : `everybody who signed in to ${names(devices)}`)}, administrators first.`,
      why: 'Stolen passwords work until they are changed; new ones must be set from a computer that is not part of this.',
    }),
    privacyOfficer: ({ users, patients, isCrowd }) => ({
      text: `Call the privacy officer${patients > 1 ? `: records of at least ${patients} patients were` : ': a patient record was'} opened${users.length === 0 ? '' : ` by ${names(users)}`}. ${isCrowd ? 'Do not speak to the staff yourself.' : 'Do not confront the person.'}`,
      why: isCrowd
        ? 'Only they can judge who of them had a reason to care; their shifts and wards tell most of it.'
        : 'Only they can judge whether there was a reason to care; and the account may be stolen.',
    }),
    findDevice: ({ devices, addresses }) => ({
      text: `Find the device ${either(names(devices), names(addresses), 'behind the address')} and take it off the network, unless it is attached to a patient.`,
      why: 'It looks for what it could reach next.',
    }),
    keepDocument: ({ devices, users }) => ({
      text: `Take ${either(names(devices), 'the computer')} off the network, call ${either(names(users), 'its user')} and keep the document or message that was opened.`,
      why: 'It shows how they came in and whom else they wrote to.',
    }),
    callForHelp: () => ({
      text: 'Call your incident-response contact or insurer, and write down the time of each thing that you do.',
      why: 'The next hours are easier with people who have done it before, and the law will ask when you knew what.',
    }),
    noteTheDay: () => ({
      text: 'Note today as the day on which it became known, and hand the list of patients to the privacy officer.',
      why: 'Legal clocks for telling patients and authorities may have begun (HIPAA: 60 days; GDPR: 72 hours).',
    }),
    askAround: () => ({
      text: 'Open the timeline, look at the newest event, and ask the person or owner of the device whether it was them.',
      why: 'Most lone findings have an ordinary reason that somebody can tell at once. If so, judge it a false positive.',
    }),
  },
  confidence: {
    agreeInTactics: (rules, tactics) => `${rules} different serious rules agree, and they show ${tactics} tactics.`,
    agree: (rules) => `${rules} different serious rules agree.`,
    highestAlone: 'One rule of the highest level has matched; no other agrees yet.',
    pattern: (events) => `One serious rule has matched, on a pattern of ${events} events; no other agrees yet.`,
    alone: 'One kind of finding stands alone; an ordinary reason is quite possible.',
  },
  severity: {
    setByHand: 'It was set by hand.',
    because: (reasons) => `Because ${reasons.join(', and ')}.`,
    worst: (level, title) => `the most serious finding is ${level} (${title ?? 'none'})`,
    chain: (tactics) => `its ${tactics} tactics form a chain`,
    vital: (name) => `${name} is an asset that care depends on`,
  },
  history: [],
};
