import type { LiveSourceStatus } from '#ingest/live';
import type { StreamEvent } from './api.ts';
import type { Services } from './services.ts';

/** How often sources, ledger and troubles are looked at for open browsers. */
const LOOK_MS = 2_000;

/** Tells open browsers what happens: incidents and findings as they come, the rest as it is seen to have changed. */
export function tellNews(services: Services): Disposable {
  const { stream, incidents, detector, veil } = services;
  incidents.onChange(({ incident, isNew }) => {
    const told = ({ id, number, title, severity }: typeof incident): StreamEvent => ({
      kind: 'incident',
      id,
      number,
      title,
      severity,
      isNew,
    });
    stream.publish(told(incident), told(veil.incident(incident)));
  });
  detector.onFinding(({ index, level, rule }) => stream.publish({ kind: 'finding', index, level, title: rule.title }));
  const look = createLook(services);
  const timer = setInterval(() => {
    if (stream.count() > 0) look();
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Compares with what was seen last, and tells the difference. */
export function createLook({
  stream,
  intake,
  ledger,
  troubles,
}: Pick<Services, 'stream' | 'intake' | 'ledger' | 'troubles'>): () => void {
  let sources = new Map<string, string>();
  let size = ledger.size;
  let told = '[]';
  return () => {
    const now = new Map(intake.sources().map((status) => [status.source.id, markOf(status)]));
    const changed = [...new Set([...now.keys(), ...sources.keys()])].filter((id) => now.get(id) !== sources.get(id));
    sources = now;
    if (changed.length > 0) stream.publish({ kind: 'sources', changed });
    if (ledger.size !== size) {
      size = ledger.size;
      stream.publish({ kind: 'ledger', size });
    }
    const all = [...troubles()];
    const text = JSON.stringify(all);
    if (text === told) return;
    told = text;
    stream.publish({ kind: 'trouble', troubles: all });
  };
}

function markOf({ source, health, events, rejected, gaps, lost }: LiveSourceStatus): string {
  return JSON.stringify([source.name, health, events, rejected, gaps, lost]);
}
