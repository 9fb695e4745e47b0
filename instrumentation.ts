// What the web server does once when it starts: lets the engine load while nobody is waiting for it yet.

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { engine } = await import('./app/_server/services');
  await engine().status();
}
