// The pictures that lie on the map: links in the page, made, moved and taken away as the view changes. What they
// are called and where they are served is asked for when they first come into view.
import type { PictureAnswer } from '#api';
import { api } from '../_lib/api';
import type { Placed } from './points';

/** Pictures that are asked about at once, and the pause in which their numbers gather. */
const TOGETHER = 200;
const GATHER_MS = 60;
/** Links and answers that are kept although they are out of view. */
const KEPT = 5000;

/** Pixels of the screen up to which a picture's smaller thumbnail is sharp. */
const SMALL = 208;

/** A picture as it is laid out: while the map moves it is only scaled. */
interface Laid {
  link: HTMLAnchorElement;
  image: HTMLImageElement;
  thumbnail: string;
  side: number;
}

export class ThumbnailLayer {
  private readonly links = new Map<number, Laid>();
  private readonly pictures = new Map<number, PictureAnswer>();
  private readonly asked = new Set<number>();
  private wanted: number[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly leaving = new AbortController();

  /**
   * @param onLoad - called when pictures have come that are not shown yet
   * @param onFailure - called where the server does not say what the pictures are
   */
  constructor(
    private readonly container: HTMLElement,
    private readonly onLoad: () => void,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** The picture of a link of this layer, if it has come. */
  picture(id: number): PictureAnswer | undefined {
    return this.pictures.get(id);
  }

  show(placed: readonly Placed[]): void {
    const now = new Set(placed.map(({ id }) => id));
    for (const [id, { link }] of this.links) {
      if (now.has(id) || link === document.activeElement) continue;
      link.remove();
      this.links.delete(id);
    }
    for (const one of placed) {
      const picture = this.pictures.get(one.id);
      if (picture !== undefined) this.place(this.laid(picture, one.side), one);
    }
    this.wanted = placed.map(({ id }) => id).filter((id) => !this.pictures.has(id));
    if (this.wanted.length > 0) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }

  /** When the map has come to rest: sharp, and in the order of reading for who goes through them by Tab. */
  arrange(placed: readonly Placed[]): void {
    for (const one of placed) {
      const laid = this.links.get(one.id);
      if (laid === undefined || laid.side === one.side) continue;
      this.layOut(laid, one.side);
      this.place(laid, one);
    }
    // Not while one has the focus.
    if (this.container.contains(document.activeElement)) return;
    const rows = [...placed].sort(
      (one, other) =>
        Math.round(one.top / one.side) - Math.round(other.top / other.side) ||
        one.left - other.left,
    );
    let next = this.container.firstElementChild;
    for (const { id } of rows) {
      const link = this.links.get(id)?.link;
      if (link === undefined) continue;
      if (link === next) next = next.nextElementSibling;
      else this.container.insertBefore(link, next);
    }
  }

  close(): void {
    this.leaving.abort();
    clearTimeout(this.timer);
    this.container.replaceChildren();
  }

  private place({ link, side }: Laid, { left, top, side: wanted }: Placed): void {
    const corner = `translate(${left - side / 2}px, ${top - side / 2}px)`;
    link.style.transform = `${corner} scale(${wanted / side})`;
  }

  private layOut(laid: Laid, side: number): void {
    const { link, image, thumbnail } = laid;
    laid.side = side;
    link.style.width = link.style.height = `${side}px`;
    const small = side * window.devicePixelRatio <= SMALL;
    image.src = small ? `${thumbnail}&size=small` : thumbnail;
  }

  private laid({ itemId, label, thumbnail }: PictureAnswer, side: number): Laid {
    const known = this.links.get(itemId);
    if (known !== undefined) return known;
    const link = document.createElement('a');
    link.href = `/?item=${itemId}`;
    link.draggable = false;
    link.dataset.item = String(itemId);
    const image = document.createElement('img');
    image.alt = label;
    image.title = label;
    image.draggable = false;
    image.decoding = 'async';
    link.append(image);
    this.container.append(link);
    const laid = { link, image, thumbnail, side };
    this.layOut(laid, side);
    this.links.set(itemId, laid);
    return laid;
  }

  private async ask(): Promise<void> {
    const ids = this.wanted.filter((id) => !this.asked.has(id)).slice(0, TOGETHER);
    ids.forEach((id) => this.asked.add(id));
    this.timer = undefined;
    if (ids.length === 0) return;
    try {
      const { pictures } = await api.mapPictures(ids, { signal: this.leaving.signal });
      if (this.pictures.size > KEPT) this.forget();
      for (const picture of pictures) this.pictures.set(picture.itemId, picture);
      this.onLoad();
    } catch (error) {
      // Asked again when the view changes.
      ids.forEach((id) => this.asked.delete(id));
      if (!this.leaving.signal.aborted) this.onFailure(error as Error);
    }
  }

  private forget(): void {
    for (const id of this.pictures.keys()) {
      if (this.links.has(id)) continue;
      this.pictures.delete(id);
      this.asked.delete(id);
    }
  }
}
