// The fields of a new run; those that are left empty are not sent, and follow the data.
'use client';

import type { ReactNode } from 'react';
import { useLanguage, useMessages } from '../../_components/shell/language';
import { formatFor } from '../../_lib/format';
import styles from '../training.module.css';
import { messages } from './messages';

const NUMBERS = [
  'epochs',
  'batchSize',
  'microBatch',
  'learningRate',
  'lora',
  'patience',
  'test',
  'seed',
];

/** The parameters of the job, from the fields that were filled in. */
export function parametersOf(form: FormData): Record<string, unknown> {
  const filled = [...form].filter(([, value]) => value !== '');
  return Object.fromEntries(
    filled.map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value]),
  );
}

interface Props {
  collections: { name: string; captioned: number }[];
  models: string[];
}

export function RunFields({ collections, models }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  return (
    <>
      <Field label={text.collection}>
        <select name="collection" required>
          {collections.map(({ name, captioned }) => (
            <option key={name} value={name}>
              {text.collectionOf(name, format.count(captioned))}
            </option>
          ))}
        </select>
      </Field>
      <Field label={text.model}>
        <select name="model">
          {models.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <NumberField name="epochs" label={text.epochs} hint={text.epochsHint} min={1} max={1000} />
      <details className={styles.more}>
        <summary>{text.more}</summary>
        <div className={styles.form}>
          <NumberField name="batchSize" label={text.batchSize} min={2} max={4096} />
          <NumberField
            name="microBatch"
            label={text.microBatch}
            hint={text.microBatchHint}
            min={1}
            max={4096}
          />
          <NumberField name="learningRate" label={text.learningRate} min={0.0000001} max={1} any />
          <NumberField name="lora" label={text.lora} hint={text.loraHint} min={1} max={256} />
          <Field label={text.freeze}>
            <select name="freeze">
              <option value="">{text.nothing}</option>
              <option value="image">{text.image}</option>
              <option value="text">{text.text}</option>
            </select>
          </Field>
          <Field label={text.augment}>
            <select name="augment" defaultValue="light">
              <option value="none">{text.none}</option>
              <option value="light">{text.light}</option>
              <option value="strong">{text.strong}</option>
            </select>
          </Field>
          <NumberField name="patience" label={text.patience} min={1} max={100} />
          <NumberField
            name="test"
            label={text.test}
            hint={text.testHint}
            min={0.01}
            max={0.5}
            any
          />
          <NumberField name="seed" label={text.seed} min={0} max={2 ** 31} />
        </div>
      </details>
    </>
  );
}

function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

interface NumberProps {
  name: string;
  label: string;
  hint?: string;
  min: number;
  max: number;
  /** Whether fractions are allowed. */
  any?: boolean;
}

function NumberField({ name, label, hint, min, max, any = false }: NumberProps) {
  const text = useMessages(messages);
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      <input
        type="number"
        name={name}
        min={min}
        max={max}
        step={any ? 'any' : 1}
        placeholder={text.auto}
        inputMode={any ? 'decimal' : 'numeric'}
      />
    </Field>
  );
}
