import type { Level } from '#detect/sigma';
import type { Action } from '../types.ts';
import { en } from './en.ts';
import { es } from './es.ts';

/** The languages in which incidents are told. */
export type Language = 'en' | 'es';

/** Where something came from. */
export type Origin = { isOutside: true; address: string } | { isOutside: false; name: string };

/** What a finding's events name, for its sentence. Null where they name nothing of the kind. */
export interface Facts {
  /** Account name. */
  user: string | null;
  device: string | null;
  address: string | null;
  from: Origin | null;
  /** File name of a program, without its folder. */
  program: string | null;
  /** How many different patients; 0 where that is not known. */
  patients: number;
  /** What a correlation counted. */
  count: number | null;
  /** A sign-in without a second factor. */
  isPasswordAlone: boolean;
}

/** What can be told of a finding, without time, in half a sentence that begins small. */
export type Happening =
  | 'ransomNote'
  | 'manyFilesChanged'
  | 'encrypted'
  | 'shadowCopies'
  | 'automaticRepair'
  | 'windowsBackups'
  | 'backups'
  | 'protectionOff'
  | 'passwordStore'
  | 'storedPasswords'
  | 'promptFlood'
  | 'passwordsTried'
  | 'remoteControl'
  | 'document'
  | 'fileSharing'
  | 'scan'
  | 'recordsOpened'
  | 'newAccount'
  | 'moreRights'
  | 'servicesStopped'
  | 'tracesWiped'
  | 'signIn'
  | 'unusualSignIn'
  | 'command';

/** What the findings that an advice is about name. */
export interface Scene {
  users: readonly string[];
  devices: readonly string[];
  addresses: readonly string[];
  /** The addresses among them that are not of a network inside. */
  outside: readonly string[];
  patients: number;
  /** More than a few people take part: none of them is the one who acts. */
  isCrowd: boolean;
}

/** What to do. */
export type Advice =
  | 'isolate'
  | 'keepBackups'
  | 'endRemoteControl'
  | 'blockAccount'
  | 'endSession'
  | 'changePasswords'
  | 'privacyOfficer'
  | 'findDevice'
  | 'keepDocument'
  | 'callForHelp'
  | 'noteTheDay'
  | 'askAround';

/** Every sentence that an incident is told with, in one language. */
export interface IncidentWords {
  /** BCP 47, for the day of the month. */
  locale: string;
  happenings: Readonly<Record<Happening, (facts: Facts) => string>>;
  /** More people than one can act opened records. */
  manyOpened: (people: number, patients: number) => string;
  ruleMatched: (title: string, place: string | null) => string;
  /** A sentence of the story with its time; `day` where a paragraph begins. */
  at: (day: string | null, clock: string, sentence: string) => string;
  again: (times: number, until: string | null) => string;
  moreSteps: (count: number) => string;
  actions: Readonly<Record<Advice, (scene: Scene) => Action>>;
  confidence: {
    agreeInTactics: (rules: number, tactics: number) => string;
    agree: (rules: number) => string;
    highestAlone: string;
    pattern: (events: number) => string;
    alone: string;
  };
  severity: {
    setByHand: string;
    because: (reasons: readonly string[]) => string;
    worst: (level: Level, title: string | null) => string;
    chain: (tactics: number) => string;
    vital: (name: string) => string;
  };
  /** What people did, as the ledger records it in English, in this language; the first that fits. */
  history: readonly (readonly [pattern: RegExp, told: (...parts: string[]) => string])[];
}

const CATALOGUES: Readonly<Record<Language, IncidentWords>> = { en, es };

export function wordsIn(language: Language): IncidentWords {
  return CATALOGUES[language];
}

/** A record of what somebody did, in a language; as it stands where the catalogue knows no words for it. */
export function historyText(text: string, { history }: IncidentWords): string {
  for (const [pattern, told] of history) {
    const parts = pattern.exec(text);
    if (parts !== null) return told(...parts.slice(1));
  }
  return text;
}
