/** Imported by nothing. */
export const EXTRA = 0;
