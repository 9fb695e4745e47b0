// A map on the screen: the camera, the dots, the pictures on them, drawn once a frame when something has changed.
import type { PictureAnswer } from '#api';
import { listen, listenToKeys } from '../_components/gestures';
import { fit, fromHash, pan, toHash, zoom, type Camera, type Size } from './camera';
import { drawDots } from './dots';
import { nearest, visible, type Points } from './points';
import { ThumbnailLayer } from './thumbnails';

/** Milliseconds without a movement after which the address and the order of the pictures follow. */
const REST_MS = 250;
/** Of the whole map's scale. */
const FARTHEST = 0.6;

interface Parts {
  stage: HTMLElement;
  canvas: HTMLCanvasElement;
  layer: HTMLElement;
}

export class MapStage {
  private size: Size;
  private camera: Camera;
  private readonly thumbnails: ThumbnailLayer;
  private frame = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private readonly watcher: ResizeObserver;
  private readonly closed = new AbortController();
  private readonly scheme = window.matchMedia('(prefers-color-scheme: dark)');

  constructor(
    private readonly points: Points,
    private readonly parts: Parts,
    onFailure: (error: Error) => void,
  ) {
    this.size = this.measure();
    this.camera = fromHash(window.location.hash) ?? fit(this.size);
    this.thumbnails = new ThumbnailLayer(parts.layer, this.draw, onFailure);
    this.watcher = new ResizeObserver(() => {
      this.size = this.measure();
      this.draw();
    });
    this.watcher.observe(parts.stage);
    this.scheme.addEventListener('change', this.draw);
    this.listen();
    this.draw();
  }

  /** What is known of a picture in view. */
  picture(id: number): PictureAnswer | undefined {
    return this.thumbnails.picture(id);
  }

  /** Nearer by `factor`, around the middle unless told where. */
  zoom(factor: number, left = this.size.width / 2, top = this.size.height / 2): true {
    const around = { left: left - this.size.width / 2, top: top - this.size.height / 2 };
    const whole = fit(this.size).scale;
    const limits = { least: FARTHEST * whole, most: Math.max(whole, nearest(this.points)) };
    return this.look(zoom(this.camera, factor, around, limits));
  }

  fit(): true {
    return this.look(fit(this.size));
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.watcher.disconnect();
    this.scheme.removeEventListener('change', this.draw);
    this.closed.abort();
    this.thumbnails.close();
  }

  private listen(): void {
    const { stage } = this.parts;
    const { signal } = this.closed;
    const actions = {
      pan: (dx: number, dy: number) => this.look(pan(this.camera, dx, dy)),
      zoom: (factor: number, left: number, top: number) => this.zoom(factor, left, top),
      fit: () => this.fit(),
    };
    listen(stage, actions, signal);
    listenToKeys(stage, stage, actions, signal);
    const nearer = ({ clientX, clientY }: MouseEvent) => {
      const corner = stage.getBoundingClientRect();
      this.zoom(2, clientX - corner.left, clientY - corner.top);
    };
    stage.addEventListener('dblclick', nearer, { signal });
  }

  /** Wherever one looks, the map has heard what was meant for it. */
  private look(camera: Camera): true {
    this.camera = camera;
    this.draw();
    return true;
  }

  private readonly draw = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const { points, camera, size } = this;
      drawDots(this.parts.canvas, points, camera, size);
      const placed = visible(points, camera, size);
      this.thumbnails.show(placed);
      clearTimeout(this.rest);
      this.rest = setTimeout(() => {
        this.thumbnails.arrange(placed);
        const hash = toHash(this.camera);
        // With its own state Next's router leaves this alone; with any other it gives up a navigation under way.
        window.history.replaceState(window.history.state, '', hash);
      }, REST_MS);
    });
  };

  private measure(): Size {
    const { clientWidth: width, clientHeight: height } = this.parts.stage;
    return { width, height };
  }
}
