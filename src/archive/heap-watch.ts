import { PerformanceObserver, constants } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { MIB } from '#kernel';

/**
 * Calls `onFull` once, when more than `limitMb` MiB are still in use after a full collection of this thread's heap. What a
 * thread allocates without a pause between is seen after it alone, so that V8's own limit has to lie well above this one.
 */
export function watchHeap(limitMb: number, onFull: (usedMb: number) => void): void {
  const observer = new PerformanceObserver((list) => {
    // Before a full collection what is in use is mostly what nobody needs any more.
    if (!list.getEntries().some((entry) => isFullCollection(Reflect.get(entry, 'detail')))) return;
    const used = getHeapStatistics().used_heap_size;
    if (used <= limitMb * MIB) return;
    observer.disconnect();
    onFull(Math.round(used / MIB));
  });
  observer.observe({ entryTypes: ['gc'] });
}

function isFullCollection(detail: unknown): boolean {
  return (
    typeof detail === 'object' && detail !== null && Reflect.get(detail, 'kind') === constants.NODE_PERFORMANCE_GC_MAJOR
  );
}
