// How the page moves from one query to the next: a context with `go`, and links that use it but work without JavaScript.
'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import {
  createContext,
  useCallback,
  useContext,
  useMemo,
  useTransition,
  type ComponentProps,
  type ReactNode,
} from 'react';
import { queryHref, type Query } from '../_lib/query';

interface Navigation {
  query: Query;
  /** True while the server works on the next query; the current results stay on the page. */
  pending: boolean;
  go(query: Query): void;
}

const NavigationContext = createContext<Navigation | null>(null);

export function NavigationProvider({ query, children }: { query: Query; children: ReactNode }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const go = useCallback(
    (next: Query) => startTransition(() => router.push(queryHref(next))),
    [router],
  );
  const navigation = useMemo(() => ({ query, pending, go }), [query, pending, go]);
  return <NavigationContext value={navigation}>{children}</NavigationContext>;
}

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === null) throw new Error('useNavigation: no NavigationProvider above');
  return navigation;
}

/** A link to a query. Not prefetched: each would be a search. */
export function QueryLink({
  to,
  ...rest
}: { to: Query } & Omit<ComponentProps<typeof Link>, 'href'>) {
  const { go } = useNavigation();
  return (
    <Link
      {...rest}
      href={queryHref(to)}
      prefetch={false}
      onNavigate={(event) => {
        event.preventDefault();
        go(to);
      }}
    />
  );
}
