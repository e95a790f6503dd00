/** One figure in the Prometheus text format; a metric with several samples has one name and differing labels. */
export interface Metric {
  /** `wardkeep_…`, counters end in `_total`, units in base units (`_seconds`, `_bytes`). */
  name: string;
  kind: 'counter' | 'gauge';
  help: string;
  samples: readonly MetricSample[];
}

export interface MetricSample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics as a scraper reads them (Prometheus text exposition format 0.0.4). Metrics without samples are left out. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, kind, help, samples }) => {
      const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`;
      return head + samples.map((sample) => `${name}${labelsText(sample.labels)} ${sample.value}\n`).join('');
    })
    .join('');
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {});
  if (pairs.length === 0) return '';
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** What the process itself has to say. `startedMs`: since the epoch. */
export function processMetrics(startedMs: number, eventLoopDelayS: number): Metric[] {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge('process_resident_memory_bytes', 'Resident memory of the whole process.', rss),
    gauge('process_start_time_seconds', 'When the process began, since the epoch.', startedMs / 1_000),
    counter('process_cpu_seconds_total', 'Processor time spent, all threads.', (user + system) / 1e6),
    gauge('nodejs_heap_used_bytes', 'JavaScript heap of the main thread.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory of the main thread outside its heap.', external),
    gauge('nodejs_eventloop_delay_p99_seconds', 'How late timers of the main thread ran.', eventLoopDelayS),
  ];
}

export function gauge(name: string, help: string, value: number): Metric {
  return { name, kind: 'gauge', help, samples: [{ value }] };
}

export function counter(name: string, help: string, value: number): Metric {
  return { name, kind: 'counter', help, samples: [{ value }] };
}
