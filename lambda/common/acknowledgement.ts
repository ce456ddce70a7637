import * as z from 'zod';

/** The id of a detection, where it is the key of a table: of 2048 bytes at most, and a character has up to 4. */
export const acknowledgeableId = z.string().min(1).max(512);
