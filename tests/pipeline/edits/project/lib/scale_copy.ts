/** What `scale` leads to in the import map. */
export const SCALE = 2;
