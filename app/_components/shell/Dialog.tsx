// Modal dialogs: the browser's own, which keeps the focus inside and closes on Escape.
'use client';

import { useEffect, useId, useRef, type ReactNode } from 'react';
import { defineMessages } from '../../_lib/language';
import { Button } from './Button';
import styles from './Dialog.module.css';
import { useMessages } from './language';

const messages = defineMessages({ cancel: 'Cancel' }, { cancel: '取消' });

interface DialogProps {
  title: string;
  /** Called when the visitor closes it: Escape, the backdrop, or a button of `actions`. */
  onClose: () => void;
  children: ReactNode;
  /** Buttons, the most important last. */
  actions?: ReactNode;
}

/** Open as long as it is drawn. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className={styles.sheet}>
        <h2 id={heading}>{title}</h2>
        {children}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  /** What will happen, and whether it can be undone. */
  children: ReactNode;
  /** What the button says: a verb. */
  action: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is done. The way back has the focus. */
export function Confirm({
  title,
  children,
  action,
  danger = false,
  busy = false,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const text = useMessages(messages);
  const actions = (
    <>
      <Button onClick={onClose} autoFocus>
        {text.cancel}
      </Button>
      <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      {children}
    </Dialog>
  );
}
