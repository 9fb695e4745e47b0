// What is there twice: found by a job, shown in groups, forgotten one by one.
'use client';

import Link from 'next/link';
import { useState } from 'react';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useJob } from '../_components/jobs/useJob';
import { useLanguage, useMessages } from '../_components/shell/language';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import styles from './library.module.css';
import { messages } from './messages';

interface LookAlike {
  id: number;
  path: string;
  width: number;
  height: number;
  bytes: number;
}

/** What `bifocal duplicates --json` reports. */
interface Found {
  exact: { id: number; bytes: number; paths: string[] }[];
  similar: LookAlike[][];
}

/** Groups shown at once. */
const GROUPS = 20;

export function Duplicates({ onChange }: { onChange: () => void }) {
  const text = useMessages(messages);
  const [id, setId] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const job = useJob(id);
  const looking = id !== null && job?.endedAt == null;
  const find = async () => {
    setRefusal(null);
    try {
      setId((await api.startJob({ kind: 'duplicates' })).id);
    } catch (error) {
      setRefusal((error as Error).message);
    }
  };
  const failure = refusal ?? job?.error;
  return (
    <section className={`card ${styles.section}`}>
      <div className={styles.buttons}>
        <div>
          <h2>{text.duplicates}</h2>
          <p>{text.duplicatesText}</p>
        </div>
        <Button small busy={looking} onClick={() => void find()}>
          {text.find}
        </Button>
      </div>
      {looking && <ProgressBar label={text.looking} />}
      {failure != null && (
        <p role="alert" className={styles.reason}>
          {failure}
        </p>
      )}
      {job?.state === 'done' && (
        <Groups key={job.id} found={job.result as Found} onChange={onChange} />
      )}
    </section>
  );
}

function Groups({ found, onChange }: { found: Found; onChange: () => void }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [shown, setShown] = useState(GROUPS);
  const [forgotten, setForgotten] = useState<readonly number[]>([]);
  const [asked, setAsked] = useState<number | null>(null);
  const similar = found.similar
    .map((group) => group.filter(({ id }) => !forgotten.includes(id)))
    .filter((group) => group.length > 1);
  if (similar.length + found.exact.length === 0) return <p>{text.none}</p>;
  const forget = async (id: number) => {
    await api.forgetItems([id]);
    setForgotten([...forgotten, id]);
    setAsked(null);
    onChange();
  };
  return (
    <>
      <ul className={styles.groups}>
        {found.exact.slice(0, shown).map(({ id, bytes, paths }) => (
          <li key={`exact ${id}`} className={styles.group}>
            <Thumbnail id={id} />
            <div>
              <p>{text.exact(format.count(paths.length), format.bytes(bytes))}</p>
              {paths.map((path) => (
                <p key={path} className={styles.path}>
                  {path}
                </p>
              ))}
            </div>
          </li>
        ))}
        {similar.slice(0, shown).map((group) => (
          <li key={group.map(({ id }) => id).join(' ')}>
            <p className={styles.muted}>{text.similar}</p>
            <ul className={styles.alike}>
              {group.map(({ id, path, width, height }) => (
                <li key={id}>
                  <Thumbnail id={id} />
                  <p>{text.size(format.count(width), format.count(height))}</p>
                  <p className={styles.path}>{path}</p>
                  <Button small kind="quiet" onClick={() => setAsked(id)}>
                    {text.forgetOne}
                  </Button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {Math.max(similar.length, found.exact.length) > shown && (
        <Button small onClick={() => setShown(shown + GROUPS)}>
          {text.showMore}
        </Button>
      )}
      {asked !== null && (
        <Confirm
          title={text.forgetOneTitle}
          action={text.forget}
          danger
          onConfirm={() => void forget(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{text.forgetOneText}</p>
        </Confirm>
      )}
    </>
  );
}

function Thumbnail({ id }: { id: number }) {
  return (
    <Link href={`/?item=${id}`} className={styles.thumbnail}>
      <img src={`/api/v1/items/${id}/thumbnail`} alt={`#${id}`} loading="lazy" decoding="async" />
    </Link>
  );
}
