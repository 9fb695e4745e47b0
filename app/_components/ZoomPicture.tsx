// The picture of the detail view: what the grid has loaded at once, sharper as soon as it is there, and at full size on a click.
'use client';

import { useLayoutEffect, useRef, useState, type MouseEvent } from 'react';
import type { Detail } from '../_lib/results';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { useMessages } from './shell/language';
import type { useSwipe } from './useSwipe';
import { WhyLayer } from './WhyPicture';

interface Props {
  detail: Detail;
  /** What a finger does that goes sideways over the whole picture. */
  swipe: ReturnType<typeof useSwipe>;
}

export function ZoomPicture({ detail, swipe }: Props) {
  const text = useMessages(detailMessages);
  const frame = useRef<HTMLDivElement>(null);
  /** Where it was clicked, as shares of its sides. */
  const [place, setPlace] = useState<{ x: number; y: number } | null>(null);
  const zoomed = place !== null;
  const { width, height, preview, original, shown } = detail;
  const label = detail.captions[0]?.text ?? detail.files[0]?.path.split(/[\\/]/).at(-1) ?? '';
  // Files that browsers cannot show are as large as the preview.
  const full = zoomed && shown ? original : preview;
  const showPlace = () => {
    if (place === null) return;
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = frame.current!;
    const left = place.x * scrollWidth - clientWidth / 2;
    frame.current!.scrollTo(left, place.y * scrollHeight - clientHeight / 2);
  };
  // Again when the larger file is there.
  useLayoutEffect(showPlace, [place]);
  return (
    <div ref={frame} className={zoomed ? styles.zoomed : styles.fitted} {...(!zoomed && swipe)}>
      <button
        type="button"
        aria-pressed={zoomed}
        title={zoomed ? text.zoomOut : text.zoomIn}
        aria-label={zoomed ? text.zoomOut : text.zoomIn}
        onClick={(event) => setPlace(zoomed ? null : placeOf(event))}
      >
        <img key={full} src={full} alt={label} width={width} height={height} onLoad={showPlace} />
        {!zoomed && <WhyLayer detail={detail} />}
      </button>
    </div>
  );
}

/** By the keyboard it is the middle. */
function placeOf({ currentTarget, clientX, clientY, detail }: MouseEvent) {
  if (detail === 0) return { x: 0.5, y: 0.5 };
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / height };
}
