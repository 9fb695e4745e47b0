// Figures of this server for Prometheus: how long answers took and their stages, what the library holds.
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { libraryStatus } from './library';

/** Seconds: from a cached answer to a slow one. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

function makeMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'bifocal_request_duration_seconds',
      help: 'From the route handler being called to its answer, by operation.',
      labelNames: ['operation', 'status'],
      buckets: BUCKETS,
      registers,
    }),
    stages: new Histogram({
      name: 'bifocal_search_stage_duration_seconds',
      help: 'What a search spends: encode (query to vector), search (vector to hits), describe.',
      labelNames: ['stage'],
      buckets: BUCKETS,
      registers,
    }),
    indexed: new Gauge({
      name: 'bifocal_indexed',
      help: 'Vectors that can be found now.',
      labelNames: ['modality'],
      registers,
    }),
    items: new Gauge({ name: 'bifocal_items', help: 'Pictures in the catalog.', registers }),
    ready: new Gauge({ name: 'bifocal_ready', help: '1 when the engine answers.', registers }),
  };
}

// Next compiles each route to a module of its own; what they share has to live on the global object.
const shared = globalThis as typeof globalThis & {
  bifocalMetrics?: ReturnType<typeof makeMetrics>;
};
const metrics = () => (shared.bifocalMetrics ??= makeMetrics());

/** @param seconds - since the handler was called */
export function observeRequest(operation: string, status: number, seconds: number): void {
  metrics().requests.observe({ operation, status: String(status) }, seconds);
}

export function observeStage(stage: 'encode' | 'search' | 'describe', seconds: number): void {
  metrics().stages.observe({ stage }, seconds);
}

/** All figures in Prometheus' text format, and its content type. */
export async function exposition(): Promise<{ text: string; type: string }> {
  const { registry, indexed, items, ready } = metrics();
  const status = await libraryStatus();
  for (const modality of ['image', 'text'] as const) {
    indexed.set({ modality }, status.indexed[modality]);
  }
  items.set(status.items);
  ready.set(status.state === 'ready' ? 1 : 0);
  return { text: await registry.metrics(), type: registry.contentType };
}
