import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { REPOSITORY, hrefOnSite, slug } from '../site/links';
import { CONSTRUCTS, sidebar } from '../site/navigation';

const PAGES = join(import.meta.dirname, '..', CONSTRUCTS, 'pages.json');
if (!existsSync(PAGES)) throw new Error('The reference is missing; run `npm run docs:site`.');
const reference = JSON.parse(readFileSync(PAGES, 'utf8')) as Record<string, string>;

export default defineConfig({
  title: 'cdk-kinesis-video',
  description:
    'AWS CDK constructs for Amazon Kinesis Video Streams: camera fleets, WebRTC signaling, detection and alerts',
  // A project's site of GitHub Pages is below its name.
  base: (process.env.SITE_BASE as `/${string}/` | undefined) ?? '/',
  outDir: '../build/site',
  cacheDir: '../build/site-cache',
  cleanUrls: true,
  markdown: {
    anchor: { slugify: slug },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      md.core.ruler.push('links-of-guides', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href) token.attrSet('href', hrefOnSite(href, env.relativePath as string, reference));
        }
      });
      const fence = md.renderer.rules.fence!;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info, content } = tokens[index]!;
        if (info.trim() !== 'mermaid') return fence(tokens, index, ...rest);
        return `<Diagram source="${encodeURIComponent(content)}" />`;
      };
    },
  },
  themeConfig: {
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Constructs', link: `/${reference.VideoStream}`, activeMatch: `^/${CONSTRUCTS}/` },
      { text: 'FAQ', link: '/faq' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path` },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
  },
});
