import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const DOCS = join(__dirname, '..');

/** Where the pages of the constructs are written, and below which they are on the site. */
export const CONSTRUCTS = 'constructs';

/** A part of the site: its title, and its pages in order, as paths in docs/ without their ending. */
export interface Section {
  readonly title: string;
  readonly pages: readonly string[];
}

/** All that is written by hand, in the order of who comes new to it. */
export const SECTIONS: readonly Section[] = [
  { title: 'Start', pages: ['getting-started', 'languages', 'flight', 'concepts'] },
  { title: 'Devices', pages: ['devices', 'onboarding', 'certificates', 'reconciliation'] },
  { title: 'Detection', pages: ['detection', 'stream-processors', 'alerts'] },
  { title: 'People', pages: ['viewing', 'console', 'takeover'] },
  { title: 'Recordings', pages: ['archive', 'audit', 'privacy'] },
  {
    title: 'Reference apps',
    pages: [
      'single-camera',
      'factory-quality',
      'retail-queue',
      'sports-coaching',
      'telehealth',
      'wildlife',
      'predictive-maintenance',
      'smart-city',
    ],
  },
  { title: 'Evidence of security', pages: ['security', 'access', 'rules', 'supply-chain', 'mutation'] },
  { title: 'Cost and quotas', pages: ['plan', 'benchmarks'] },
  { title: 'Operations', pages: ['runbook', 'game-day', 'monitoring', 'canary', 'guard', 'upgrade'] },
  { title: 'Migration', pages: ['migration'] },
  { title: 'Questions', pages: ['faq'] },
  { title: 'Beyond the cloud', pages: ['on-prem', 'device-kit'] },
  { title: 'Why it is so', pages: ['decisions/README'] },
];

/** An entry of the sidebar, as VitePress has it. */
export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: SidebarItem[];
}

/** The sidebar: what is written by hand, with the constructs after the guides that tell how they work together. */
export function sidebar(): SidebarItem[] {
  const written = SECTIONS.map(({ title, pages }) => ({
    text: title,
    items: pages.map((page) => ({ text: titleOf(page), link: linkOf(page) })),
  }));
  const apps = SECTIONS.findIndex(({ title }) => title === 'Reference apps');
  const constructs = { text: 'Constructs', collapsed: true, items: constructItems() };
  return [...written.slice(0, apps), constructs, ...written.slice(apps)];
}

/** The path of a page on the site. */
export function linkOf(page: string): string {
  return `/${page}`;
}

/** The heading of a page, without what it says after a colon. */
export function titleOf(page: string): string {
  const heading = /^# (.+)$/m.exec(readFileSync(join(DOCS, `${page}.md`), 'utf8'))?.[1];
  if (!heading) throw new Error(`docs/${page}.md has no heading.`);
  return heading.replace(/:.*/, '').replaceAll('`', '');
}

function constructItems(): SidebarItem[] {
  const folder = join(DOCS, CONSTRUCTS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      text: name,
      collapsed: true,
      items: readdirSync(join(folder, name))
        .map((file) => basename(file, '.md'))
        // Other types have a page in small letters, which comes last.
        .sort((one, other) => Number(one === 'types') - Number(other === 'types') || one.localeCompare(other))
        .map((page) => ({
          text: page === 'types' ? 'Other types' : page,
          link: linkOf(`${CONSTRUCTS}/${name}/${page}`),
        })),
    }));
}
