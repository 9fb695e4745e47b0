// What the web server does once when it starts: lets the engine load while nobody is waiting for it yet.

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  if (process.env.NODE_ENV === 'production' && !('bifocalGate' in globalThis)) {
    // Without the gate (scripts/web.mjs) anybody could read and change the library.
    process.stderr.write('bifocal: start the server with npm start or npx bifocal serve\n');
    process.exit(1);
  }
  const { methodsOf } = await import('#api');
  // For the gate, which is not of this bundle.
  Object.assign(globalThis, { bifocalMethodsOf: methodsOf });
  const { warmServer } = await import('./app/_server/warming');
  void warmServer();
}
