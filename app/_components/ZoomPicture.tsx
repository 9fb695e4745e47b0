// The picture of the detail view: what the grid has loaded at once, sharper as soon as it is there, and as near as one likes.
'use client';

import { useEffect, useRef, useState, type MouseEvent } from 'react';
import type { Detail } from '../_lib/results';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { useMessages } from './shell/language';
import type { useSwipe } from './useSwipe';
import { WhyLayer } from './WhyPicture';
import { Zoom } from './zoom';

/** Pixels that a small picture is made as high as, where the window has room. */
const LEAST_HEIGHT = 480;

/** Milliseconds within which, and pixels within which, two taps of a finger are one gesture. */
const TWICE = 350;
const NEAR = 40;

interface Props {
  detail: Detail;
  /** What a finger does that goes sideways over the whole picture. */
  swipe: ReturnType<typeof useSwipe>;
}

export function ZoomPicture({ detail, swipe }: Props) {
  const text = useMessages(detailMessages);
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLButtonElement>(null);
  const zoom = useRef<Zoom>(null);
  /** Whether it is a finger that clicks, which not every browser's click says, and where it has tapped once. */
  const finger = useRef(false);
  const tap = useRef<{ timeStamp: number; clientX: number; clientY: number } | null>(null);
  const [zoomed, setZoomed] = useState(false);
  const { width, height } = detail;
  useEffect(() => {
    const parts = {
      frame: frame.current!,
      picture: picture.current!,
      around: frame.current!.closest('dialog')!,
    };
    const made = new Zoom(parts, width, setZoomed);
    zoom.current = made;
    return () => made.close();
  }, [width]);

  /** A mouse clicks once, and a finger taps twice: once is what it does when it stops. */
  const click = (event: MouseEvent) => {
    if (event.detail === 0) zoom.current!.toggle();
    else if (!finger.current ? event.detail === 1 : tapsTwice(event)) zoom.current!.toggle(event);
  };
  const tapsTwice = ({ timeStamp, clientX, clientY }: MouseEvent) => {
    const { current: once } = tap;
    const twice =
      once !== null &&
      timeStamp - once.timeStamp < TWICE &&
      Math.hypot(clientX - once.clientX, clientY - once.clientY) < NEAR;
    tap.current = twice ? null : { timeStamp, clientX, clientY };
    return twice;
  };
  const enlarged = Math.max(1, LEAST_HEIGHT / height);
  return (
    <div ref={frame} className={styles.picture} data-zoomed={zoomed} {...(!zoomed && swipe)}>
      <button
        ref={picture}
        type="button"
        aria-pressed={zoomed}
        aria-label={zoomed ? text.zoomOut : text.zoomIn}
        onPointerDown={({ pointerType }) => (finger.current = pointerType === 'touch')}
        onClick={click}
      >
        {/* Its size is the pictures', before any of them is there. */}
        <svg
          viewBox={`0 0 ${width} ${height}`}
          width={width * enlarged}
          height={height * enlarged}
          aria-hidden="true"
        />
        <Layers detail={detail} full={zoomed} />
        {!zoomed && <WhyLayer detail={detail} />}
      </button>
    </div>
  );
}

/** From the smallest file to the best: each goes when a better one is there. */
function Layers({ detail, full }: { detail: Detail; full: boolean }) {
  const { thumbnail, preview, original, shown, captions, files } = detail;
  const [loaded, setLoaded] = useState(0);
  const label = captions[0]?.text ?? files[0]?.path.split(/[\\/]/).at(-1) ?? '';
  // Once it is there it stays. Files that browsers cannot show are as large as the preview.
  const best = loaded === 2 || (full && shown) ? 3 : 2;
  return [thumbnail, preview, original]
    .slice(0, best)
    .map(
      (source, at) =>
        at >= loaded && (
          <img
            key={source}
            src={source}
            {...(at === 0 && { srcSet: `${thumbnail}&size=small 1x, ${thumbnail} 2x` })}
            alt={label}
            decoding="sync"
            onLoad={() => setLoaded((before) => Math.max(before, at))}
          />
        ),
    );
}
