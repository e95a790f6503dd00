import type { Archive } from '#archive';
import type { LiveIntake } from '#ingest/live';
import type { Ledger } from '#ledger';
import { type Metric, counter, gauge } from './metrics.ts';

export interface FigureSources {
  ledger: Ledger;
  intake: Pick<LiveIntake, 'sources' | 'load' | 'watchedFiles'>;
  archive: Pick<Archive, 'status'>;
  /** What each listener could not take since the start, by its name. */
  listenersLost: () => Readonly<Record<string, number>>;
  /** Connections that each listener turned away since the start, by its name. */
  turnedAway: () => Readonly<Record<string, number>>;
  /** Findings since the start. */
  findings: () => number;
  openIncidents: () => Promise<Readonly<Record<string, number>>>;
  /** Entries behind which detection is, and index up to which it has looked. */
  detectedTo: () => number;
}

/** What the modules have to say in figures. Sources are named by id: a bounded number, and no name of a person. */
export async function moduleMetrics(sources: FigureSources): Promise<Metric[]> {
  const { ledger, intake, archive } = sources;
  const all = intake.sources();
  const { queued, queuedBytes, shut, threadDeaths } = intake.load();
  const bySource = (value: (source: (typeof all)[number]) => number) =>
    all.map((source) => ({ labels: { source: source.source.id, kind: source.source.kind }, value: value(source) }));
  const { sealedTo, seenTo, files, bytes, damaged, state, deaths } = archive.status();
  return [
    gauge('wardkeep_ledger_entries', 'Durable entries of the ledger.', ledger.size),
    {
      name: 'wardkeep_source_events_total',
      kind: 'counter',
      help: 'Events taken.',
      samples: bySource(({ events }) => events),
    },
    {
      name: 'wardkeep_source_rejected_total',
      kind: 'counter',
      help: 'Records that were not understood.',
      samples: bySource(({ rejected }) => rejected),
    },
    {
      name: 'wardkeep_source_gaps_total',
      kind: 'counter',
      help: "Records missing by the sender's own numbers.",
      samples: bySource(({ gaps }) => gaps),
    },
    {
      name: 'wardkeep_source_lost_total',
      kind: 'counter',
      help: 'Datagrams dropped before they were read.',
      samples: bySource(({ lost }) => lost),
    },
    {
      name: 'wardkeep_source_last_event_seconds',
      kind: 'gauge',
      help: 'When the last event came, since the epoch.',
      samples: all.flatMap(({ source, lastEventMs }) =>
        lastEventMs === null ? [] : [{ labels: { source: source.id, kind: source.kind }, value: lastEventMs / 1_000 }],
      ),
    },
    ...fileMetrics(intake),
    gauge('wardkeep_intake_queued', 'Records waiting to be mapped or appended.', queued),
    gauge('wardkeep_intake_queued_bytes', 'Their bytes.', queuedBytes),
    gauge('wardkeep_intake_open', 'Whether events are accepted.', shut === null ? 1 : 0),
    gauge(
      'wardkeep_detect_lag_entries',
      'Entries that detection has not looked at yet.',
      Math.max(0, ledger.size - sources.detectedTo()),
    ),
    counter('wardkeep_findings_total', 'Findings since the start.', sources.findings()),
    {
      name: 'wardkeep_incidents_open',
      kind: 'gauge',
      help: 'Incidents that are not closed.',
      samples: Object.entries(await sources.openIncidents()).map(([severity, value]) => ({
        labels: { severity },
        value,
      })),
    },
    {
      name: 'wardkeep_thread_deaths_total',
      kind: 'counter',
      help: 'Worker threads that ended unasked and were started anew, since the start.',
      samples: [
        { labels: { thread: 'archive' }, value: deaths },
        { labels: { thread: 'mapping' }, value: threadDeaths },
      ],
    },
    {
      name: 'wardkeep_listener_lost_total',
      kind: 'counter',
      help: 'Connections and datagrams that a listener could not take, since the start.',
      samples: Object.entries(sources.listenersLost()).map(([listener, value]) => ({ labels: { listener }, value })),
    },
    {
      name: 'wardkeep_listener_turned_away_total',
      kind: 'counter',
      help: 'Connections turned away because too many were open, since the start.',
      samples: Object.entries(sources.turnedAway()).map(([listener, value]) => ({ labels: { listener }, value })),
    },
    gauge('wardkeep_archive_up', 'Whether searches show all that is durable, or soon will.', state === 'up' ? 1 : 0),
    gauge('wardkeep_archive_lag_entries', 'Entries that searches do not show yet.', Math.max(0, ledger.size - seenTo)),
    gauge('wardkeep_archive_sealed_entries', 'Entries in sealed files.', sealedTo),
    gauge('wardkeep_archive_files', 'Files of the archive.', files),
    gauge('wardkeep_archive_bytes', 'Their bytes.', bytes),
    gauge('wardkeep_archive_damaged_files', 'Files that cannot be read.', damaged.length),
  ];
}

/** Watched files; nothing where none are configured. */
function fileMetrics(intake: Pick<LiveIntake, 'watchedFiles'>): Metric[] {
  const all = intake.watchedFiles();
  if (all.length === 0) return [];
  const named = (name: string, help: string, value: (one: (typeof all)[number]) => number): Metric => ({
    name,
    kind: 'gauge',
    help,
    samples: all.map((one) => ({ labels: { source: one.sourceId }, value: value(one) })),
  });
  return [
    named('wardkeep_files_watched', 'Files of a watched path.', ({ files }) => files),
    named('wardkeep_files_unreadable', 'Files of it that cannot be read.', ({ unreadable }) => unreadable),
    named('wardkeep_files_behind_bytes', 'Bytes of it that were not read yet.', ({ behindBytes }) => behindBytes),
  ];
}
