// What keys do on these pages: behind a button in the header, for those who have keys, and behind "?".
'use client';

import { useState } from 'react';
import { defineMessages } from '../../_lib/language';
import { Button } from './Button';
import { Dialog } from './Dialog';
import styles from './KeysHelp.module.css';
import { useMessages } from './language';
import { usePageKey } from './usePageKey';

const messages = defineMessages(
  {
    title: 'Keys',
    close: 'Close',
    keys: [
      ['/', 'To the search box'],
      ['← ↑ ↓ →', 'From picture to picture, in a list and in the large view; over the map'],
      ['Enter', 'Open the picture'],
      ['+ −', 'In a list, more like it, less like it; elsewhere, nearer and farther'],
      ['0', 'The whole picture, the whole map'],
      ['Space', 'Choose the picture; with Shift, all up to it'],
      ['Esc', 'Close; choose none'],
      ['?', 'This list'],
    ],
  },
  {
    title: '快捷键',
    close: '关闭',
    keys: [
      ['/', '跳到搜索框'],
      ['← ↑ ↓ →', '在列表和大图中切换图片；移动地图'],
      ['Enter', '打开图片'],
      ['+ −', '在列表中：更多类似、减少类似；在大图和地图中：放大、缩小'],
      ['0', '显示整张图片、整个地图'],
      ['空格', '选择图片；按住 Shift 则选择到此为止的所有图片'],
      ['Esc', '关闭；取消选择'],
      ['?', '显示此列表'],
    ],
  },
);

export function KeysHelp() {
  const text = useMessages(messages);
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  usePageKey('?', () => setOpen(true));
  return (
    <>
      <button
        type="button"
        className={styles.button}
        aria-label={text.title}
        title={text.title}
        onClick={() => setOpen(true)}
      >
        ?
      </button>
      {open && (
        <Dialog
          title={text.title}
          onClose={close}
          actions={<Button onClick={close}>{text.close}</Button>}
        >
          <dl className={styles.keys}>
            {text.keys.map(([key, what]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Dialog>
      )}
    </>
  );
}
