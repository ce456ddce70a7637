import { posix } from 'node:path';
import manifest from '../../package.json';

/** Where the sources are. */
export const REPOSITORY = manifest.repository.url.replace(/\.git$/, '');

/**
 * Where a link of a guide leads on the site. Guides are written for whoever reads them beside the sources: what is outside of
 * docs/ is in the repository, but for the reference, which has a page for each construct here.
 * @param page path of the guide in docs/
 * @param reference pages of the reference, by the names of types
 * @throws Error for a type that the reference hasn't
 */
export function hrefOnSite(href: string, page: string, reference: Readonly<Record<string, string>>): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path, anchor] = href.split('#');
  const target = posix.join('docs', posix.dirname(page), path!);
  if (target === 'API.md' && anchor) {
    const name = anchor.replace(`${manifest.name}.`, '');
    if (!reference[name]) throw new Error(`${page} links to ${anchor}, which is not in the reference.`);
    return `/${reference[name]}${isOwnPage(reference[name], name) ? '' : `#${name}`}`;
  }
  if (target.startsWith('docs/')) return href;
  return `${REPOSITORY}/${posix.extname(target) ? 'blob' : 'tree'}/main/${target}${anchor ? `#${anchor}` : ''}`;
}

/** Whether a page is about one type, rather than has it among others. */
export function isOwnPage(page: string, name: string): boolean {
  return posix.basename(page) === name;
}

/** The anchor of a heading, as GitHub makes it: links must lead to the same place on both. */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
