// The settings of a run, name by name.
'use client';

import { useLanguage } from '../_components/shell/language';
import { settingLabels, settingText } from './settings';
import styles from './training.module.css';

export function RunSettings({ settings }: { settings: Record<string, unknown> }) {
  const labels = settingLabels[useLanguage()];
  return (
    <dl className={styles.facts}>
      {Object.entries(settings).map(([name, value]) => (
        <div key={name}>
          <dt>{labels[name] ?? name}</dt>
          <dd>{settingText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
