import { posix } from 'node:path';
import { CONSTRUCTS } from './navigation';

/** A type of the public API, and the file of lib/ that it is in. */
export interface SourcedType {
  readonly name: string;
  readonly file: string;
  readonly isConstruct: boolean;
}

/**
 * Which page each type is on, by its name: constructs have one each, in the folder of theirs in lib/. What belongs to a
 * construct, by its file or else by its name, is on that page; all other types of a folder share one.
 */
export function referencePages(types: readonly SourcedType[]): Record<string, string> {
  const constructs = types.filter(({ isConstruct }) => isConstruct);
  return Object.fromEntries(
    types.map((type) => {
      const page = ownerOf(type, constructs)?.name ?? 'types';
      return [type.name, posix.join(CONSTRUCTS, folderOf(type), page)];
    }),
  );
}

/** Of a construct it is itself: no other name begins its own and is as long. */
function ownerOf(type: SourcedType, constructs: readonly SourcedType[]): SourcedType | undefined {
  const besides = constructs.filter(({ file }) => file === type.file);
  const named = (besides.length > 0 ? besides : constructs.filter((other) => folderOf(other) === folderOf(type)))
    .filter(({ name }) => type.name.replace(/^I(?=[A-Z])/, '').startsWith(name))
    .sort((one, other) => other.name.length - one.name.length);
  return named[0] ?? besides[0];
}

function folderOf({ file }: SourcedType): string {
  return posix.basename(posix.dirname(file));
}
