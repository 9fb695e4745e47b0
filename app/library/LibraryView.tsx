// The library page as a whole: what is in it, and the ways in.
'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState, useTransition } from 'react';
import { Button } from '../_components/shell/Button';
import { useLanguage, useMessages } from '../_components/shell/language';
import { Notice } from '../_components/shell/Notice';
import { PageFrame } from '../_components/shell/PageFrame';
import { useDrop } from '../_components/useDrop';
import { formatFor } from '../_lib/format';
import type { LibraryPage } from '../_server/library-page';
import { AddFolder } from './AddFolder';
import { Collections } from './Collections';
import { droppedFiles, mayBePicture } from './dropped-files';
import { Duplicates } from './Duplicates';
import { Failures } from './Failures';
import { IngestProgress } from './IngestProgress';
import styles from './library.module.css';
import { messages } from './messages';
import { StartUpload, UploadProgress } from './Uploads';
import type { UploadQueue } from './upload-queue';
import { useIngest } from './useIngest';

export function LibraryView({ pictures, collections, failures, running }: LibraryPage) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const router = useRouter();
  const [, startTransition] = useTransition();
  const refresh = () => startTransition(() => router.refresh());
  const ingests = useIngest(running.map(({ id }) => id));
  const [addsFolder, setAddsFolder] = useState(false);
  const [chosen, setChosen] = useState<File[] | null>(null);
  const [queues, setQueues] = useState<readonly UploadQueue[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const dragging = useDrop((dropped) => void droppedFiles(dropped).then(setChosen));
  const names = collections.map(({ name }) => name);

  const actions = (
    <>
      <Button onClick={() => setAddsFolder(true)}>{text.addFolder}</Button>
      <Button kind="primary" onClick={() => picker.current?.click()}>
        {text.upload}
      </Button>
      <input
        ref={picker}
        type="file"
        multiple
        accept="image/*"
        className="visuallyHidden"
        tabIndex={-1}
        aria-label={text.upload}
        onChange={({ target }) => {
          setChosen([...(target.files ?? [])].filter(mayBePicture));
          target.value = '';
        }}
      />
    </>
  );
  const intro = (
    <>
      {text.intro(format.count(pictures), format.count(collections.length))}
      {/* Under many collections they would not be seen. */}
      {failures.total > 0 && (
        <>
          {' · '}
          <a href="#left-out" className={styles.leftOut}>
            {text.leftOut(format.count(failures.total))}
          </a>
        </>
      )}
    </>
  );
  return (
    <PageFrame title={text.title} intro={intro} actions={actions}>
      <div className={styles.work} aria-live="polite">
        {queues.map((queue, number) => (
          <UploadProgress
            key={number}
            queue={queue}
            onClose={() => setQueues(queues.filter((each) => each !== queue))}
          />
        ))}
        {ingests.ids.map((id) => (
          <IngestProgress key={id} id={id} onEnd={refresh} onClose={() => ingests.close(id)} />
        ))}
        {ingests.refusal !== null && <p role="alert">{ingests.refusal}</p>}
      </div>
      {collections.length === 0 ? (
        <Notice title={text.emptyTitle}>
          <p>{text.emptyText}</p>
        </Notice>
      ) : (
        <Collections collections={collections} onChange={refresh} />
      )}
      {failures.total > 0 && <Failures first={failures} onRetry={ingests.start} />}
      {pictures > 1 && <Duplicates onChange={refresh} />}
      {addsFolder && (
        <AddFolder
          collections={names}
          onAdd={(folder, collection) => ingests.start([folder], collection)}
          onClose={() => setAddsFolder(false)}
        />
      )}
      {chosen !== null && (
        <StartUpload
          files={chosen}
          collections={names}
          onStart={(queue) => setQueues([...queues, queue])}
          onSettled={(queue) => {
            if (queue.folder !== null) void ingests.start([queue.folder], queue.collection);
          }}
          onClose={() => setChosen(null)}
        />
      )}
      {dragging && (
        <div className={styles.veil} aria-hidden="true">
          <p>{text.dropHere}</p>
        </div>
      )}
    </PageFrame>
  );
}
