// The services this server talks to, once per process: the catalog, the jobs, and the engine in its own process.
import { openCatalog, openWordFinder, type Catalog, type WordFinder } from '#catalog';
import { startEngine, type Engine } from '#engine';
import { openJobs, type Jobs } from '#jobs';

interface Services {
  engine?: Engine;
  catalog?: Promise<Catalog> | undefined;
  wordFinder?: WordFinder;
  jobs?: Jobs;
}

// Next compiles each route to a module of its own; what they share has to live on the global object.
const shared = globalThis as typeof globalThis & { bifocal?: Services };
const services = (shared.bifocal ??= {});

/** The engine, which may still be warming up. The first call starts it. */
export function engine(): Engine {
  return (services.engine ??= startEngine());
}

/** The catalog. One that could not be opened (a full disk, say) is tried again by the next request. */
export function catalog(): Promise<Catalog> {
  services.catalog ??= openCatalog();
  services.catalog.catch(() => (services.catalog = undefined));
  return services.catalog;
}

/** Finds words beside this thread. */
export function wordFinder(): WordFinder {
  return (services.wordFinder ??= openWordFinder());
}

/** Long jobs, in processes of their own. */
export function jobs(): Jobs {
  return (services.jobs ??= openJobs());
}
