// Looking closer at a picture in its frame: where it lies while hands and keys move it.
import { listen, listenToKeys } from './gestures';

/** How many times as large as in its frame, and how far its corner has gone from where it was there. */
interface Look {
  scale: number;
  x: number;
  y: number;
}

const FITTED: Look = { scale: 1, x: 0, y: 0 };
/** Times full size. */
const NEAREST = 4;
/** What is small in itself can still be looked at from as near. */
const LEAST_FULL = 2;

interface Parts {
  /** What the picture may fill: it clips, and the picture lies in its middle. */
  frame: HTMLElement;
  picture: HTMLElement;
  /** Where keys are heard. */
  around: HTMLElement;
}

export class Zoom {
  private look = FITTED;
  private readonly closed = new AbortController();

  /**
   * @param width - pixels of the picture itself
   * @param onChange - told whether the picture is larger than its frame lets it be
   */
  constructor(
    private readonly parts: Parts,
    private readonly width: number,
    private readonly onChange: (zoomed: boolean) => void,
  ) {
    const { signal } = this.closed;
    const actions = (glides: boolean) => ({
      pan: (dx: number, dy: number) => this.pan(dx, dy, glides),
      zoom: (factor: number, left: number, top: number) => this.zoom(factor, left, top, glides),
      fit: () => this.show(FITTED, glides),
    });
    listen(parts.frame, actions(false), signal);
    // Keys come in steps, which are easier to follow as movements.
    listenToKeys(parts.around, parts.frame, actions(true), signal);
    window.addEventListener('resize', () => this.show(FITTED), { signal });
  }

  /** To full size around a place of the window, or back; the middle without a place. */
  toggle(place?: { clientX: number; clientY: number }): void {
    const { frame } = this.parts;
    const { left, top, width, height } = frame.getBoundingClientRect();
    const { clientX, clientY } = place ?? { clientX: left + width / 2, clientY: top + height / 2 };
    if (this.look.scale > 1) this.show(FITTED, true);
    else this.zoom(this.full(), clientX - left, clientY - top, true);
  }

  close(): void {
    this.closed.abort();
  }

  private full(): number {
    return Math.max(LEAST_FULL, this.width / this.parts.picture.offsetWidth);
  }

  private pan(dx: number, dy: number, glides: boolean): boolean {
    const { scale, x, y } = this.look;
    return this.show({ scale, x: x + dx, y: y + dy }, glides);
  }

  /** What is at `left` and `top` of the frame stays there. */
  private zoom(factor: number, left: number, top: number, glides: boolean): boolean {
    const { picture } = this.parts;
    const scale = Math.min(NEAREST * this.full(), Math.max(1, this.look.scale * factor));
    const gain = scale / this.look.scale;
    const moved = (from: number, at: number) => at - (at - from) * gain;
    const x = moved(this.look.x, left - picture.offsetLeft);
    const y = moved(this.look.y, top - picture.offsetTop);
    return this.show({ scale, x, y }, glides);
  }

  /** @returns whether anything has changed */
  private show(look: Look, glides = false): boolean {
    const { picture } = this.parts;
    const { scale, x, y } = held(look, this.parts);
    const before = this.look;
    if (scale === before.scale && x === before.x && y === before.y) return false;
    this.look = { scale, x, y };
    picture.toggleAttribute('data-glides', glides);
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    if (scale > 1 !== before.scale > 1) this.onChange(scale > 1);
    return true;
  }
}

/** The picture covers its frame, or lies in the middle of it where it is smaller. */
function held({ scale, x, y }: Look, { frame, picture }: Parts): Look {
  const along = (moved: number, rest: number, size: number, room: number) => {
    const slack = room - scale * size;
    const least = Math.min(slack, 0);
    const start = slack > 0 ? slack / 2 : Math.min(0, Math.max(least, rest + moved));
    return start - rest;
  };
  if (scale === 1) return FITTED;
  return {
    scale,
    x: along(x, picture.offsetLeft, picture.offsetWidth, frame.clientWidth),
    y: along(y, picture.offsetTop, picture.offsetHeight, frame.clientHeight),
  };
}
