// Beside the picture of the detail view: what it is called, what can be done from it, what is known of it, its neighbours.
'use client';

import type { ReactNode } from 'react';
import { emptyQuery, moreLike } from '../_lib/query';
import { formatFor } from '../_lib/format';
import { labelOf, type Detail, type ResultHit } from '../_lib/results';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { Moment } from './Moment';
import { QueryLink, useNavigation } from './navigation';
import { steered } from './PictureGrid';
import { useLanguage, useMessages } from './shell/language';
import { WhyChoice } from './WhyPicture';

export function DetailFacts({ detail }: { detail: Detail }) {
  const text = useMessages(detailMessages);
  const { query } = useNavigation();
  const { itemId, captions, files } = detail;
  const name = captions[0]?.text ?? files[0]?.path.split(/[\\/]/).at(-1) ?? '';
  return (
    <>
      <h2>{name}</h2>
      <div className={styles.ways}>
        <QueryLink to={moreLike(emptyQuery, itemId)}>{text.searchFrom}</QueryLink>
        <QueryLink to={steered(query, 'like', itemId)}>+ {text.moreLike}</QueryLink>
        <QueryLink to={steered(query, 'unlike', itemId)}>− {text.lessLike}</QueryLink>
        <a href={detail.original} target="_blank" rel="noreferrer">
          {text.original}
        </a>
      </div>
      <WhyChoice detail={detail} />
      <h3>{text.captions}</h3>
      {captions.length === 0 && <p className={styles.quiet}>{text.noCaptions}</p>}
      <ul className={styles.captions}>
        {captions.map((caption) => (
          <li key={caption.text} lang={caption.language ?? undefined}>
            <QueryLink
              to={{ ...emptyQuery, words: caption.text }}
              title={text.findMore(caption.text)}
            >
              {caption.text}
            </QueryLink>
          </li>
        ))}
      </ul>
      <Neighbours title={text.same} hits={detail.same} />
      <Neighbours title={text.near} hits={detail.near} />
      <Facts detail={detail} />
    </>
  );
}

function Neighbours({ title, hits }: { title: string; hits: ResultHit[] }) {
  const { query, open } = useNavigation();
  if (hits.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className={styles.neighbours}>
        {hits.map((hit) => (
          <li key={hit.id}>
            <QueryLink
              to={query}
              more={{ item: hit.itemId }}
              title={labelOf(hit)}
              aria-label={labelOf(hit)}
              onFollow={() => open(hit.itemId)}
            >
              <img src={`${hit.thumbnail}&size=small`} alt="" loading="lazy" decoding="async" />
            </QueryLink>
          </li>
        ))}
      </ul>
    </>
  );
}

function Facts({ detail }: { detail: Detail }) {
  const text = useMessages(detailMessages);
  const format = formatFor(useLanguage());
  const { width, height, bytes, camera, latitude, longitude, collections, files } = detail;
  const rows: [string, ReactNode][] = [
    [text.taken, detail.takenAt && format.moment(detail.takenAt, 'UTC')],
    [text.size, format.list([text.pixels(width, height), format.bytes(bytes)])],
    [text.format, detail.format],
    [text.camera, camera],
    [
      text.place,
      latitude !== null && longitude !== null && `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`,
    ],
    [
      text.collections,
      collections.length > 0 &&
        collections.map((collection) => (
          <QueryLink key={collection} to={{ ...emptyQuery, filters: { collection } }}>
            {collection}
          </QueryLink>
        )),
    ],
    [
      text.files,
      files.map(({ path, status, reason }) => (
        <span key={path} className={styles.file}>
          {path}
          {status !== 'present' && ` (${reason ?? text.status[status]})`}
        </span>
      )),
    ],
    [text.added, <Moment key="added" at={detail.addedAt} />],
  ];
  return (
    <dl className={styles.facts}>
      {rows
        .filter(([, value]) => value !== null && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
