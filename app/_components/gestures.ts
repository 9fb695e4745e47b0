// What hands do on a map or a picture: drags, pinches, wheels and keys become pans and zooms.

export interface Actions {
  /** Gives false, as `zoom` does, where nothing came of it: a wheel or a key then means what it means elsewhere. */
  pan: (dx: number, dy: number) => boolean;
  /** `left` and `top`: pixels from the corner of the element. */
  zoom: (factor: number, left: number, top: number) => boolean;
  fit: () => boolean;
}

/** Pixels that a pointer may move and still click. */
const STILL = 5;
const STEP = 90;
const KEY_ZOOM = 1.5;

/** Hears pointers and wheels on an element until the signal ends it. */
export function listen(element: HTMLElement, { pan, zoom }: Actions, signal: AbortSignal): void {
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
    const corner = element.getBoundingClientRect();
    // Lines and pages where a mouse says so; a pinch on a touchpad comes in small steps.
    const pixels = event.deltaY * (event.deltaMode === 0 ? 1 : 30);
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002));
    const came = zoom(factor, event.clientX - corner.left, event.clientY - corner.top);
    // A pinch would make the whole page larger.
    if (came || event.ctrlKey) event.preventDefault();
  };
  /** Two fingers do not scroll the page under them. */
  const touch = (event: TouchEvent) => {
    if (event.touches.length > 1) event.preventDefault();
  };

  element.addEventListener('pointerdown', down, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', up, { signal });
  element.addEventListener('pointercancel', up, { signal });
  element.addEventListener('click', click, { signal, capture: true });
  element.addEventListener('wheel', wheel, { signal, passive: false });
  element.addEventListener('touchmove', touch, { signal, passive: false });
}

/** Hears the keys that mean the same, within `around`; they are about the middle of the element. */
export function listenToKeys(
  around: HTMLElement,
  element: HTMLElement,
  { pan, zoom, fit }: Actions,
  signal: AbortSignal,
): void {
  const nearer = (factor: number) =>
    zoom(factor, element.clientWidth / 2, element.clientHeight / 2);
  const actions: Record<string, () => boolean> = {
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
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (actions[event.key]?.()) event.preventDefault();
  };
  around.addEventListener('keydown', key, { signal });
}
