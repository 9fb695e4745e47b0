// The dialog that names a folder of the server to take in.
'use client';

import { useId, useState } from 'react';
import { Button } from '../_components/shell/Button';
import { Dialog } from '../_components/shell/Dialog';
import { useMessages } from '../_components/shell/language';
import { CollectionField } from './CollectionField';
import styles from './library.module.css';
import { messages } from './messages';

interface Props {
  collections: readonly string[];
  /** Resolves to whether it could be started. */
  onAdd: (folder: string, collection: string) => Promise<boolean>;
  onClose: () => void;
}

export function AddFolder({ collections, onAdd, onClose }: Props) {
  const text = useMessages(messages);
  const form = useId();
  const [folder, setFolder] = useState('');
  const [collection, setCollection] = useState('');
  const [busy, setBusy] = useState(false);
  const add = async () => {
    setBusy(true);
    await onAdd(folder.trim(), collection.trim());
    onClose();
  };
  const actions = (
    <>
      <Button onClick={onClose}>{text.cancel}</Button>
      <Button kind="primary" type="submit" form={form} busy={busy}>
        {text.add}
      </Button>
    </>
  );
  return (
    <Dialog title={text.folderTitle} onClose={onClose} actions={actions}>
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <label className="field">
          {text.folderPath}
          <input
            value={folder}
            required
            autoFocus
            spellCheck={false}
            placeholder="/home/me/Pictures"
            onChange={({ target }) => setFolder(target.value)}
          />
          <small>{text.folderHint}</small>
        </label>
        <CollectionField value={collection} known={collections} onChange={setCollection} />
      </form>
    </Dialog>
  );
}
