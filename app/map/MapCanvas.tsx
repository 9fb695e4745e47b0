// The map itself in the page: the stage, its buttons, and the picture that was chosen on it.
'use client';

import Link from 'next/link';
import { useEffect, useEffectEvent, useRef, useState, type MouseEvent } from 'react';
import type { MapAnswer, PictureAnswer } from '#api';
import { Button, ButtonLink } from '../_components/shell/Button';
import { useMessages } from '../_components/shell/language';
import styles from './map.module.css';
import { MapStage } from './MapStage';
import { messages } from './messages';
import { pointsOf } from './points';

const ZOOM = 1.6;

export function MapCanvas({ map }: { map: NonNullable<MapAnswer['map']> }) {
  const text = useMessages(messages);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const drawn = useRef<MapStage>(null);
  const [chosen, setChosen] = useState<PictureAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const fail = useEffectEvent((error: Error) => setFailure(error.message));
  useEffect(() => {
    const parts = { stage: stage.current!, canvas: canvas.current!, layer: layer.current! };
    const made = new MapStage(pointsOf(map), parts, (error) => fail(error));
    drawn.current = made;
    return () => made.close();
  }, [map]);

  /** A plain click shows the picture here; with a key held, the link does what links do. */
  const choose = (event: MouseEvent) => {
    const link = (event.target as Element).closest<HTMLElement>('a[data-item]');
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link === null) return setChosen(null);
    event.preventDefault();
    setChosen(drawn.current?.picture(Number(link.dataset.item)) ?? null);
  };
  return (
    <div className={styles.frame}>
      <div
        ref={stage}
        className={styles.stage}
        role="application"
        aria-label={text.stage}
        tabIndex={0}
        onClick={choose}
        onKeyDown={(event) => event.key === 'Escape' && setChosen(null)}
      >
        <canvas ref={canvas} />
        <div ref={layer} className={styles.layer} />
      </div>
      <div className={styles.buttons}>
        <button type="button" aria-label={text.nearer} onClick={() => drawn.current?.zoom(ZOOM)}>
          +
        </button>
        <button
          type="button"
          aria-label={text.farther}
          onClick={() => drawn.current?.zoom(1 / ZOOM)}
        >
          −
        </button>
        <button type="button" aria-label={text.whole} onClick={() => drawn.current?.fit()}>
          ⤢
        </button>
      </div>
      {failure !== null && (
        <p role="alert" className={styles.alert}>
          {text.failed(failure)}
        </p>
      )}
      {chosen !== null && <Chosen picture={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}

function Chosen({ picture, onClose }: { picture: PictureAnswer; onClose: () => void }) {
  const text = useMessages(messages);
  const { itemId, label, thumbnail } = picture;
  return (
    <aside className={styles.chosen} aria-label={label} aria-live="polite">
      <Link href={`/?item=${itemId}`} prefetch={false}>
        <img src={thumbnail} alt={label} />
      </Link>
      <p>{label}</p>
      <div>
        <ButtonLink small kind="primary" href={`/?like=${itemId}`} prefetch={false}>
          {text.like}
        </ButtonLink>
        <ButtonLink small href={`/?item=${itemId}`} prefetch={false}>
          {text.details}
        </ButtonLink>
        <Button small kind="quiet" onClick={onClose}>
          {text.close}
        </Button>
      </div>
    </aside>
  );
}
