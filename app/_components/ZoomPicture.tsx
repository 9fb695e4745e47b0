// The picture of the detail view: what the grid has loaded at once, sharper as soon as it is there, and at full size on a click.
'use client';

import { useState } from 'react';
import type { Detail } from '../_lib/results';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { useMessages } from './shell/language';
import { WhyLayer } from './WhyPicture';

export function ZoomPicture({ detail }: { detail: Detail }) {
  const text = useMessages(detailMessages);
  const [zoomed, setZoomed] = useState(false);
  const { width, height, preview, original, shown } = detail;
  const label = detail.captions[0]?.text ?? detail.files[0]?.path.split(/[\\/]/).at(-1) ?? '';
  // Files that browsers cannot show are as large as the preview.
  const full = zoomed && shown ? original : preview;
  return (
    <div className={zoomed ? styles.zoomed : styles.fitted}>
      <button
        type="button"
        aria-pressed={zoomed}
        title={zoomed ? text.zoomOut : text.zoomIn}
        aria-label={zoomed ? text.zoomOut : text.zoomIn}
        onClick={() => setZoomed(!zoomed)}
      >
        <img key={full} src={full} alt={label} width={width} height={height} />
        {!zoomed && <WhyLayer detail={detail} />}
      </button>
    </div>
  );
}
