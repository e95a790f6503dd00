import { ArchiveError } from '#archive';
import type { IncidentSummary } from '#respond/incidents';
import type { Overview, Task, Trouble } from '../api.ts';
import { languageOf } from '../language.ts';
import { type Route, callerIn, route } from '../route.ts';
import { OverviewSchema, TASKS_MAX } from '../schemas/overview.ts';
import type { Services } from '../services.ts';
import { type ConsoleWords, consoleWordsIn, phraseIn } from '../words/words.ts';
import { checkpointMs } from './ledger.ts';

const NEWEST = 5;
const ACTIVITY_HOURS = 24;
/** Silent sources that get a task of their own; more are one task. */
const SILENT_TASKS_MAX = 2;

export const OVERVIEW_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/overview',
    summary: 'Is the hospital safe now, and what is there to do.',
    access: { right: 'read', scope: 'read' },
    reply: OverviewSchema,
    async run(asked) {
      const { services } = asked;
      const caller = callerIn(asked);
      // Tasks name incidents by their titles, which may name a patient.
      const shown = (one: IncidentSummary): IncidentSummary =>
        caller.seesPatients ? one : services.veil.incident(one);
      const words = consoleWordsIn(languageOf(asked.request));
      return overviewOf(services, { administers: caller.rights.has('administer'), shown, words });
    },
  }),
];

interface OverviewOptions {
  administers: boolean;
  /** An incident as the caller may see it. */
  shown: (incident: IncidentSummary) => IncidentSummary;
  words: ConsoleWords;
}

async function overviewOf(services: Services, options: OverviewOptions): Promise<Overview> {
  const { incidents, ledger } = services;
  const { words } = options;
  const [counts, newest, urgent, activity, settingUp] = await Promise.all([
    incidents.counts(),
    incidents.list({ state: 'unclosed', limit: NEWEST }),
    urgentIncidents(services),
    activityOf(services),
    options.administers ? setUpTasks(services, words) : [],
  ]);
  const sources = sourcesOf(services);
  const troubles = services.troubles().map((one) => troubleIn(one, words));
  const tasks = [
    ...troubles.map(troubleTask),
    ...urgent.map((one) => incidentTask(options.shown(one), words)),
    ...silentTasks(services, words),
    ...settingUp,
  ];
  return {
    ...verdictOf(
      {
        bySeverity: counts.bySeverity,
        quiet: sources.silent + sources.troubled,
        total: sources.total,
        troubles,
      },
      words,
    ),
    tasks: tasks.toSorted(byUrgency).slice(0, TASKS_MAX),
    incidents: { ...counts, newest: newest.items.map(options.shown) },
    sources,
    activity,
    ledger: {
      size: ledger.size,
      checkpointMs: await checkpointMs(services),
      healthy: services.intake.load().shut === null,
    },
    troubles,
  };
}

/** Without the archive there are no figures of the day; the troubles say why, and all else is shown. */
async function activityOf({ archive }: Services): Promise<Overview['activity']> {
  try {
    return await archive.activity(ACTIVITY_HOURS);
  } catch (error) {
    if (error instanceof ArchiveError) return [];
    throw error;
  }
}

/** What is worst comes first, however long ago it began; among equals the newest. */
async function urgentIncidents({ incidents }: Services): Promise<IncidentSummary[]> {
  const found = new Map<string, IncidentSummary>();
  for (const severity of ['critical', 'high', 'medium'] as const) {
    if (found.size >= TASKS_MAX) break;
    const { items } = await incidents.list({ state: 'unclosed', severity, limit: TASKS_MAX });
    for (const one of items) if (!found.has(one.id)) found.set(one.id, one);
  }
  return [...found.values()].slice(0, TASKS_MAX);
}

type Situation = Pick<Overview['incidents'], 'bySeverity'> & {
  /** Sources that are silent or troubled. */
  quiet: number;
  total: number;
  troubles: readonly Trouble[];
};

/** The answer to "is my hospital safe now?". What is not watched is never called safe. */
export function verdictOf(
  { bySeverity, quiet, total, troubles }: Situation,
  { sentences }: ConsoleWords,
): Pick<Overview, 'verdict' | 'sentence'> {
  const grave = bySeverity.critical + bySeverity.high;
  if (grave > 0) return { verdict: 'act', sentence: sentences.grave(grave) };
  const first = troubles[0];
  if (first !== undefined) return { verdict: 'act', sentence: sentences.trouble(first.text) };
  if (total === 0) return { verdict: 'look', sentence: sentences.unwatched };
  if (bySeverity.medium > 0) return { verdict: 'look', sentence: sentences.look(bySeverity.medium) };
  if (quiet > 0) return { verdict: 'look', sentence: sentences.quiet(quiet) };
  return { verdict: 'safe', sentence: sentences.safe };
}

function troubleIn({ code, text, advice }: Trouble, words: ConsoleWords): Trouble {
  return { code, text: phraseIn(text, words), advice: phraseIn(advice, words) };
}

function incidentTask(
  { id, number, title, severity }: Pick<IncidentSummary, 'id' | 'number' | 'title' | 'severity'>,
  { tasks }: ConsoleWords,
): Task {
  const isGrave = severity === 'critical' || severity === 'high';
  return {
    id: `incident:${id}`,
    text: tasks.incident(number, title),
    href: `/incidents/${encodeURIComponent(id)}`,
    urgency: isGrave ? 'now' : 'today',
  };
}

function troubleTask({ code, text, advice }: Trouble): Task {
  return { id: `trouble:${code}`, text: `${text} ${advice}`, href: '/settings', urgency: 'now' };
}

function silentTasks({ intake }: Services, words: ConsoleWords): Task[] {
  const quiet = intake.sources().filter(({ health }) => health === 'silent' || health === 'troubled');
  if (quiet.length > SILENT_TASKS_MAX)
    return [
      {
        id: 'sources',
        text: words.tasks.quietSystems(quiet.length),
        href: '/sources',
        urgency: 'today',
      },
    ];
  return quiet.map(({ source, problem }) => ({
    id: `source:${source.id}`,
    text: `${source.name}: ${problem === null ? words.tasks.nothingComes : phraseIn(problem, words)}`,
    href: `/sources/${encodeURIComponent(source.id)}`,
    urgency: 'today',
  }));
}

/** What an administrator has not set up yet. */
async function setUpTasks({ intake, accounts, settings }: Services, words: ConsoleWords): Promise<Task[]> {
  const tasks: Task[] = [];
  if (intake.sources().length === 0)
    tasks.push({
      id: 'setup:sources',
      text: words.tasks.firstSystem,
      href: '/sources',
      urgency: 'today',
    });
  const users = await accounts.users.list();
  const bare = users.filter(({ role, hasTotp, isLocked }) => role === 'administrator' && !hasTotp && !isLocked).length;
  if (bare > 0)
    tasks.push({
      id: 'setup:totp',
      text: words.tasks.noSecondFactor(bare),
      href: '/settings/account',
      urgency: 'soon',
    });
  const { email, webhook } = settings.values().notifications;
  if (email === null && webhook === null)
    tasks.push({
      id: 'setup:notifications',
      text: words.tasks.notifications,
      href: '/settings/notifications',
      urgency: 'soon',
    });
  return tasks;
}

function sourcesOf({ intake }: Services): Overview['sources'] {
  const all = intake.sources();
  const count = (wanted: string): number => all.filter(({ health }) => health === wanted).length;
  return { total: all.length, healthy: count('ok'), silent: count('silent'), troubled: count('troubled') };
}

const URGENCY: Record<Task['urgency'], number> = { now: 0, today: 1, soon: 2 };

function byUrgency(a: Task, b: Task): number {
  return URGENCY[a.urgency] - URGENCY[b.urgency];
}
