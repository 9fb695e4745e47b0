// What stands in for the page when drawing it failed.
'use client';

import { Problem } from './_components/states';

export default function PageError() {
  return (
    <Problem message="The page could not be drawn; the server's log says why. Load it again." />
  );
}
