// What hands do on a map: drag, pinch, wheel, double click and keys become pans and zooms.

interface Actions {
  pan: (dx: number, dy: number) => void;
  /** `left` and `top`: pixels from the corner of the element. */
  zoom: (factor: number, left: number, top: number) => void;
  fit: () => void;
}

/** Pixels that a pointer may move and still click. */
const STILL = 5;
const STEP = 90;
const KEY_ZOOM = 1.5;

/** Listens on an element until the function that it gives is called. */
export function listen(element: HTMLElement, { pan, zoom, fit }: Actions): () => void {
  const stop = new AbortController();
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;

  const spread = () => {
    const [one, other] = [...pointers.values()];
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  };
  const middle = () => {
    const all = [...pointers.values()];
    const mean = (of: 'x' | 'y') => all.reduce((sum, point) => sum + point[of], 0) / all.length;
    return { x: mean('x'), y: mean('y') };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const move = (event: PointerEvent) => {
    if (!pointers.has(event.pointerId)) return;
    const before = { at: middle(), spread: spread() };
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const at = middle();
    moved +=
      Math.hypot(at.x - before.at.x, at.y - before.at.y) + Math.abs(spread() - before.spread);
    if (moved <= STILL) return;
    // From here on it is a gesture, wherever the pointer goes.
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    pan(at.x - before.at.x, at.y - before.at.y);
    const corner = element.getBoundingClientRect();
    if (before.spread > 0 && spread() > 0) {
      zoom(spread() / before.spread, at.x - corner.left, at.y - corner.top);
    }
  };
  const up = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
  };
  /** The end of a drag is no click on what lies under it. */
  const click = (event: MouseEvent) => {
    if (moved <= STILL) return;
    event.preventDefault();
    event.stopPropagation();
    moved = 0;
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const corner = element.getBoundingClientRect();
    // Lines and pages where a mouse says so; a pinch on a touchpad comes in small steps.
    const pixels = event.deltaY * (event.deltaMode === 0 ? 1 : 30);
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002));
    zoom(factor, event.clientX - corner.left, event.clientY - corner.top);
  };
  const double = (event: MouseEvent) => {
    const corner = element.getBoundingClientRect();
    zoom(2, event.clientX - corner.left, event.clientY - corner.top);
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { clientWidth, clientHeight } = element;
    const nearer = (factor: number) => zoom(factor, clientWidth / 2, clientHeight / 2);
    const actions: Record<string, () => void> = {
      ArrowLeft: () => pan(STEP, 0),
      ArrowRight: () => pan(-STEP, 0),
      ArrowUp: () => pan(0, STEP),
      ArrowDown: () => pan(0, -STEP),
      '+': () => nearer(KEY_ZOOM),
      '=': () => nearer(KEY_ZOOM),
      '-': () => nearer(1 / KEY_ZOOM),
      '0': fit,
      Home: fit,
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  const { signal } = stop;
  element.addEventListener('pointerdown', down, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', up, { signal });
  element.addEventListener('pointercancel', up, { signal });
  element.addEventListener('click', click, { signal, capture: true });
  element.addEventListener('wheel', wheel, { signal, passive: false });
  element.addEventListener('dblclick', double, { signal });
  element.addEventListener('keydown', key, { signal });
  return () => stop.abort();
}
