// The logo and the line icons, drawn here. Each is decoration: the element around it carries the name.
import type { ReactNode } from 'react';
import type { PagePath } from '../_lib/pages';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** A round lens with the near segment that makes it a bifocal. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <circle cx="16" cy="16" r="12.75" fill="none" stroke="currentColor" strokeWidth="2.5" />
      <path d="M8 17.5h16a8 8 0 0 1-16 0z" fill="var(--accent)" />
    </svg>
  );
}

export const SearchIcon = () => (
  <Icon>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </Icon>
);

export const PictureIcon = () => (
  <Icon>
    <rect x="3.5" y="4.5" width="17" height="15" rx="3" />
    <circle cx="9" cy="10" r="1.75" />
    <path d="m4 17 4.5-4 3.5 3 3.5-4 4.5 4.5" />
  </Icon>
);

export const ArrowIcon = () => (
  <Icon>
    <path d="M5 12h14M13 6l6 6-6 6" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m7 7 10 10M17 7 7 17" />
  </Icon>
);

export const TextIcon = () => (
  <Icon>
    <path d="M4 6.5h16M4 12h16M4 17.5h10" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 6v12M6 12h12" />
  </Icon>
);

export const MinusIcon = () => (
  <Icon>
    <path d="M6 12h12" />
  </Icon>
);

/** Lines with a knob each. */
export const FilterIcon = () => (
  <Icon>
    <path d="M4 8h8M18 8h2M4 16h2M12 16h8" />
    <circle cx="15" cy="8" r="2.5" />
    <circle cx="9" cy="16" r="2.5" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="M19 12H5M11 6l-6 6 6 6" />
  </Icon>
);

/** Frames behind each other. */
const LibraryIcon = () => (
  <Icon>
    <rect x="3.5" y="8.5" width="17" height="12" rx="3" />
    <path d="M6 5.5h12M8.5 2.75h7" />
  </Icon>
);

/** A box seen from a corner. */
const ModelsIcon = () => (
  <Icon>
    <path d="m12 3 8 4.5v9L12 21l-8-4.5v-9z" />
    <path d="m4 7.5 8 4.5 8-4.5M12 12v9" />
  </Icon>
);

/** A curve that rises. */
const TrainingIcon = () => (
  <Icon>
    <path d="M4 4v13a3 3 0 0 0 3 3h13" />
    <path d="M8 15.5c2 0 2.5-7.5 6-7.5 2 0 2.5-2.5 6-2.5" />
  </Icon>
);

/** Points that lie near each other. */
const MapIcon = () => (
  <Icon>
    <circle cx="7" cy="8" r="2.5" />
    <circle cx="14" cy="5.5" r="1.75" />
    <circle cx="17" cy="15.5" r="3" />
    <circle cx="8.5" cy="17.5" r="1.75" />
  </Icon>
);

export const PAGE_ICONS: Record<PagePath, () => ReactNode> = {
  '/': SearchIcon,
  '/library': LibraryIcon,
  '/models': ModelsIcon,
  '/training': TrainingIcon,
  '/map': MapIcon,
};
