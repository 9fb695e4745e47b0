// Uploading: the dialog before it, and how far it is, together and each.
'use client';

import { useState, useSyncExternalStore } from 'react';
import { Button } from '../_components/shell/Button';
import { Dialog } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { formatFor } from '../_lib/format';
import { CollectionField } from './CollectionField';
import styles from './library.module.css';
import { messages } from './messages';
import { UploadQueue, type Upload } from './upload-queue';

interface StartProps {
  files: readonly File[];
  collections: readonly string[];
  onStart: (queue: UploadQueue) => void;
  onSettled: (queue: UploadQueue) => void;
  onClose: () => void;
}

export function StartUpload({ files, collections, onStart, onSettled, onClose }: StartProps) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [collection, setCollection] = useState('');
  const start = () => {
    onStart(new UploadQueue(files, collection.trim(), onSettled));
    onClose();
  };
  const none = files.length === 0;
  const actions = (
    <>
      <Button onClick={onClose}>{none ? text.close : text.cancel}</Button>
      {!none && (
        <Button kind="primary" onClick={start} autoFocus>
          {text.start}
        </Button>
      )}
    </>
  );
  return (
    <Dialog
      title={none ? text.noPictures : text.uploadTitle(format.count(files.length))}
      onClose={onClose}
      actions={actions}
    >
      {!none && <CollectionField value={collection} known={collections} onChange={setCollection} />}
    </Dialog>
  );
}

/** Files drawn at once: those under way and those that failed come first. */
const ROWS = 8;
const ORDER = { sending: 0, failed: 1, waiting: 2, kept: 3 };

export function UploadProgress({ queue, onClose }: { queue: UploadQueue; onClose: () => void }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const uploads = useSyncExternalStore(queue.subscribe, queue.snapshot, queue.snapshot);
  const count = (state: Upload['state']) => uploads.filter((each) => each.state === state).length;
  const bytes = uploads.reduce((sum, { file }) => sum + file.size, 0);
  const sent = uploads.reduce((sum, each) => sum + (each.state === 'failed' ? 0 : each.sent), 0);
  const [kept, failed] = [count('kept'), count('failed')];
  const ended = kept + failed === uploads.length;
  const shown = [...uploads].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, ROWS);
  return (
    <section className="card">
      <ProgressBar
        label={ended ? text.uploaded : text.uploading}
        detail={text.ofFiles(format.count(kept), format.count(uploads.length))}
        value={sent}
        max={Math.max(1, bytes)}
      />
      {(!ended || failed > 0) && (
        <ul className={styles.files}>
          {shown.map((upload) => (
            <UploadRow key={uploads.indexOf(upload)} upload={upload} />
          ))}
          {uploads.length > ROWS && <li>{text.more(format.count(uploads.length - ROWS))}</li>}
        </ul>
      )}
      {ended && (
        <div className={styles.buttons}>
          {failed > 0 && <span>{text.failedFiles(format.count(failed))}</span>}
          {failed > 0 && (
            <Button small onClick={() => queue.retry()}>
              {text.retry}
            </Button>
          )}
          <Button small kind="quiet" onClick={onClose}>
            {text.close}
          </Button>
        </div>
      )}
    </section>
  );
}

function UploadRow({ upload: { file, state, sent, reason } }: { upload: Upload }) {
  const text = useMessages(messages);
  return (
    <li>
      <span className={styles.fileName}>{file.name}</span>
      {state === 'sending' ? (
        <progress aria-label={file.name} value={sent} max={Math.max(1, file.size)} />
      ) : (
        <span className={state === 'failed' ? styles.reason : styles.muted}>
          {state === 'failed' ? (reason ?? text.lost) : text.states[state]}
        </span>
      )}
    </li>
  );
}
