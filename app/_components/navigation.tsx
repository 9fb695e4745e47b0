// How the page moves from one query to the next: a context with `go`, and links that use it but work without JavaScript.
'use client';

import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useTransition,
  type ComponentProps,
  type ReactNode,
} from 'react';
import { queryHref, type Query } from '../_lib/query';

interface Navigation {
  query: Query;
  go(query: Query): void;
  /** Shows an item's details; in place of another's, the history gains nothing. */
  open(item: number): void;
  close(): void;
}

/** Apart from the ways to go on: what is drawn for thousands of pictures needs only those. */
interface Shown {
  /** True while the server works on the next query; the current results stay on the page. */
  pending: boolean;
  /** The item whose details are shown over the page. */
  item: number | null;
}

const NavigationContext = createContext<Navigation | null>(null);
const ShownContext = createContext<Shown>({ pending: false, item: null });

export function NavigationProvider({ query, children }: { query: Query; children: ReactNode }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const go = useCallback(
    (next: Query) => startTransition(() => router.push(queryHref(next))),
    [router],
  );
  const inAddress = Number(useSearchParams().get('item')) || null;
  // What is opened or closed here shows at once; the address catches up, and says what Back leads to.
  const [item, setItem] = useState(inAddress);
  const [followed, setFollowed] = useState(inAddress);
  if (followed !== inAddress) {
    setFollowed(inAddress);
    setItem(inAddress);
  }
  useEffect(() => {
    if (inAddress === null) window.history.scrollRestoration = 'auto';
  }, [inAddress]);
  // Details that were opened on this page are closed by going back, so that Back does not open them again.
  const opened = useRef(false);
  const open = useCallback(
    (next: number) => {
      const shown = new URLSearchParams(window.location.search).has('item');
      const address = queryHref(query, { item: next });
      if (shown) window.history.replaceState(null, '', address);
      else {
        // The list keeps up with what is looked at: going back does not take it to where it was before.
        window.history.scrollRestoration = 'manual';
        window.history.pushState(null, '', address);
      }
      opened.current ||= !shown;
      setItem(next);
    },
    [query],
  );
  const close = useCallback(() => {
    if (opened.current) window.history.back();
    else window.history.replaceState(null, '', queryHref(query));
    opened.current = false;
    setItem(null);
  }, [query]);
  const navigation = useMemo(() => ({ query, go, open, close }), [query, go, open, close]);
  const shown = useMemo(() => ({ pending, item }), [pending, item]);
  return (
    <NavigationContext value={navigation}>
      <ShownContext value={shown}>{children}</ShownContext>
    </NavigationContext>
  );
}

export function useShown(): Shown {
  return useContext(ShownContext);
}

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === null) throw new Error('useNavigation: no NavigationProvider above');
  return navigation;
}

interface QueryLinkProps extends Omit<ComponentProps<typeof Link>, 'href'> {
  to: Query;
  /** Parameters of the address beside the query. */
  more?: Record<string, string | number>;
  /** What to do in place of going there, where there is JavaScript. */
  onFollow?: () => void;
}

/** A link to a query. Not prefetched: each would be a search. */
export function QueryLink({ to, more, onFollow, ...rest }: QueryLinkProps) {
  const { go } = useNavigation();
  return (
    <Link
      {...rest}
      href={queryHref(to, more)}
      prefetch={false}
      onNavigate={(event) => {
        event.preventDefault();
        if (onFollow === undefined) go(to);
        else onFollow();
      }}
    />
  );
}
