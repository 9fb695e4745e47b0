// Limits that the server holds and the page knows of.

/** Hits in an answer where no limit is given. */
export const PAGE_SIZE = 60;

/** Pictures of the library that one search may be like, and as many that it may be unlike. */
export const MAX_LIKE = 16;

/** Pictures whose files go into one archive: their ids are part of its address. */
export const MAX_ARCHIVED = 500;

/** Of a picture to search by. */
export const MAX_UPLOAD_MEGABYTES = 20;

/** Of a file that is uploaded into the library. */
export const MAX_FILE_MEGABYTES = 200;

/** Of all that is uploaded into the library and still lies there. */
export const MAX_UPLOADS = 100_000;
export const MAX_UPLOADS_GIGABYTES = 100;
