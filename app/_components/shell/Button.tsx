// Buttons, and links that look like one.
import Link from 'next/link';
import type { ComponentProps } from 'react';
import styles from './Button.module.css';

/** `primary`: the one thing to do here. `danger`: what cannot be undone. `quiet`: beside others. */
export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  kind?: ButtonKind;
  small?: boolean;
}

function look({ kind = 'plain', small = false }: Look): string {
  return [styles.button, styles[kind], small && styles.small].filter(Boolean).join(' ');
}

/** A button; `busy` while what it began is under way: it then takes no click. */
export function Button({
  kind,
  small,
  busy = false,
  ...rest
}: Look & { busy?: boolean } & Omit<ComponentProps<'button'>, 'className'>) {
  return (
    <button
      type="button"
      {...rest}
      className={look({ ...(kind && { kind }), ...(small && { small }) })}
      aria-busy={busy}
      disabled={busy || rest.disabled}
    />
  );
}

export function ButtonLink({
  kind,
  small,
  ...rest
}: Look & Omit<ComponentProps<typeof Link>, 'className'>) {
  return <Link {...rest} className={look({ ...(kind && { kind }), ...(small && { small }) })} />;
}
