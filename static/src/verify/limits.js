export const MOST_BYTES = 32 * 2 ** 20, MOST_NUMBER = Number.MAX_SAFE_INTEGER, MOST_NOTE = 65536, MOST_LINES = 64;
export const PROMPTLY = 60e6; // microseconds after an act within which its fact is written
export const CLOCKS = 300e6; // microseconds by which clocks may differ
export const BEGINNINGS = ['{"candour":"receipt/v1"', '{"candour":"statement/v1"']; // of the files that are read
