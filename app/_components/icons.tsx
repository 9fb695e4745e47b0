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

export const UpIcon = () => (
  <Icon>
    <path d="M12 19V5M6 11l6-6 6 6" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="M19 12H5M11 6l-6 6 6 6" />
  </Icon>
);

/** A frame that something is put into. */
export const CollectionIcon = () => (
  <Icon>
    <path d="M20.5 11V8.5a3 3 0 0 0-3-3h-11a3 3 0 0 0-3 3v7a3 3 0 0 0 3 3H12" />
    <path d="M18 14.5v6M15 17.5h6" />
  </Icon>
);

/** The same frame, and something taken from it. */
export const TakeOutIcon = () => (
  <Icon>
    <path d="M20.5 12V8.5a3 3 0 0 0-3-3h-11a3 3 0 0 0-3 3v7a3 3 0 0 0 3 3H12" />
    <path d="M15 17.5h6" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon>
    <path d="M12 4v11M7 10.5l5 5 5-5M5 19.5h14" />
  </Icon>
);

export const ForgetIcon = () => (
  <Icon>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5" />
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
