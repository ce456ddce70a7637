import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../console/src/config';
import { readAssembly } from '../deploy/assembly';
import type { Deployed } from '../deploy/deploy';

/** What is deployed of the console: its files, and what it is told of the fleet. */
export interface Site {
  readonly folder: string;
  readonly config: Config;
}

interface Deployment {
  readonly SourceObjectKeys: readonly string[];
  /** What is filled in when it is deployed, for each of the sources. */
  readonly SourceMarkers?: readonly Readonly<Record<string, string>>[];
}

/** @throws Error if the fleet has no console */
export function siteOf(assembly: string, deployed: Deployed): Site {
  const assets = new Map(readAssembly(assembly).flatMap((stack) => [...stack.assets]));
  const sources = deployed.resources('Custom::CDKBucketDeployment').flatMap(({ properties }) => {
    const { SourceObjectKeys, SourceMarkers = [] } = properties as unknown as Deployment;
    return SourceObjectKeys.map((key, index) => ({ folder: assets.get(key)!, markers: SourceMarkers[index] ?? {} }));
  });
  const holding = (file: string) => {
    const found = sources.find(({ folder }) => readdirSync(folder).includes(file));
    if (!found) throw new Error(`There is no ${file} among what is deployed.`);
    return found;
  };
  const { folder, markers } = holding('config.json');
  const text = Object.entries(markers).reduce(
    (content, [marker, value]) => content.replaceAll(marker, value),
    readFileSync(join(folder, 'config.json'), 'utf8'),
  );
  return { folder: holding('index.html').folder, config: JSON.parse(text) as Config };
}
