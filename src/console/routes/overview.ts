import { ArchiveError } from '#archive';
import type { IncidentSummary } from '#respond/incidents';
import type { Overview, Task, Trouble } from '../api.ts';
import { type Route, callerIn, route } from '../route.ts';
import { OverviewSchema, TASKS_MAX } from '../schemas/overview.ts';
import type { Services } from '../services.ts';
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
      return overviewOf(services, { administers: caller.rights.has('administer'), shown });
    },
  }),
];

interface OverviewOptions {
  administers: boolean;
  /** An incident as the caller may see it. */
  shown: (incident: IncidentSummary) => IncidentSummary;
}

async function overviewOf(services: Services, options: OverviewOptions): Promise<Overview> {
  const { incidents, ledger } = services;
  const [counts, newest, urgent, activity, settingUp] = await Promise.all([
    incidents.counts(),
    incidents.list({ state: 'unclosed', limit: NEWEST }),
    urgentIncidents(services),
    activityOf(services),
    options.administers ? setUpTasks(services) : [],
  ]);
  const sources = sourcesOf(services);
  const troubles = services.troubles();
  const tasks = [
    ...troubles.map(troubleTask),
    ...urgent.map((one) => incidentTask(options.shown(one))),
    ...silentTasks(services),
    ...settingUp,
  ];
  return {
    ...verdictOf({
      bySeverity: counts.bySeverity,
      quiet: sources.silent + sources.troubled,
      total: sources.total,
      troubles,
    }),
    tasks: tasks.toSorted(byUrgency).slice(0, TASKS_MAX),
    incidents: { ...counts, newest: newest.items.map(options.shown) },
    sources,
    activity,
    ledger: {
      size: ledger.size,
      checkpointMs: await checkpointMs(services),
      healthy: services.intake.load().shut === null,
    },
    troubles: [...troubles],
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
export function verdictOf({ bySeverity, quiet, total, troubles }: Situation): Pick<Overview, 'verdict' | 'sentence'> {
  const grave = bySeverity.critical + bySeverity.high;
  if (grave > 0)
    return {
      verdict: 'act',
      sentence: grave === 1 ? 'One incident needs you now.' : `${grave} incidents need you now.`,
    };
  const first = troubles[0];
  if (first !== undefined) return { verdict: 'act', sentence: `Wardkeep itself needs you: ${first.text}` };
  if (total === 0) return { verdict: 'look', sentence: 'Nothing is watched yet: connect the first system.' };
  if (bySeverity.medium > 0)
    return {
      verdict: 'look',
      sentence:
        bySeverity.medium === 1
          ? 'One incident should be looked at today.'
          : `${bySeverity.medium} incidents should be looked at today.`,
    };
  if (quiet > 0)
    return {
      verdict: 'look',
      sentence:
        quiet === 1
          ? 'No incident needs you, but one system is not heard as it should be.'
          : `No incident needs you, but ${quiet} systems are not heard as they should be.`,
    };
  return { verdict: 'safe', sentence: 'Nothing needs you now.' };
}

function incidentTask({
  id,
  number,
  title,
  severity,
}: {
  id: string;
  number: string;
  title: string;
  severity: string;
}): Task {
  const isGrave = severity === 'critical' || severity === 'high';
  return {
    id: `incident:${id}`,
    text: `Look at ${number}: ${title}`,
    href: `/incidents/${encodeURIComponent(id)}`,
    urgency: isGrave ? 'now' : 'today',
  };
}

function troubleTask({ code, text, advice }: Trouble): Task {
  return { id: `trouble:${code}`, text: `${text} ${advice}`, href: '/settings', urgency: 'now' };
}

function silentTasks({ intake }: Services): Task[] {
  const quiet = intake.sources().filter(({ health }) => health === 'silent' || health === 'troubled');
  if (quiet.length > SILENT_TASKS_MAX)
    return [
      {
        id: 'sources',
        text: `Look at ${quiet.length} systems that are silent or troubled`,
        href: '/sources',
        urgency: 'today',
      },
    ];
  return quiet.map(({ source, problem }) => ({
    id: `source:${source.id}`,
    text: `${source.name}: ${problem ?? 'nothing comes from it any more'}`,
    href: `/sources/${encodeURIComponent(source.id)}`,
    urgency: 'today',
  }));
}

/** What an administrator has not set up yet. */
async function setUpTasks({ intake, accounts, settings }: Services): Promise<Task[]> {
  const tasks: Task[] = [];
  if (intake.sources().length === 0)
    tasks.push({
      id: 'setup:sources',
      text: 'Connect the first system: events make all the rest work',
      href: '/sources',
      urgency: 'today',
    });
  const users = await accounts.users.list();
  const bare = users.filter(({ role, hasTotp, isLocked }) => role === 'administrator' && !hasTotp && !isLocked).length;
  if (bare > 0)
    tasks.push({
      id: 'setup:totp',
      text: bare === 1 ? 'One administrator has no second factor' : `${bare} administrators have no second factor`,
      href: '/settings/account',
      urgency: 'soon',
    });
  const { email, webhook } = settings.values().notifications;
  if (email === null && webhook === null)
    tasks.push({
      id: 'setup:notifications',
      text: 'Say whom to tell of incidents, by e-mail or webhook',
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
