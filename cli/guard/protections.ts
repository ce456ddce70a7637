import { isDeepStrictEqual } from 'node:util';
import { property, type TemplateResource } from './template';

/** How what protects the state gets less. */
export interface Lessening {
  readonly what: 'weaken' | 'shorten';
  readonly why: string;
}

/** Looks at one of the things that protect a resource's state. */
export type Protection = (before: TemplateResource, after: TemplateResource) => Lessening[];

/** A switch that is on by default, or not. */
export function switchedOn(path: string, byDefault = false): Protection {
  const isSwitchedOn = (resource: TemplateResource) => isOn(property(resource, path) ?? byDefault);
  return (before, after) =>
    isSwitchedOn(before) && !isSwitchedOn(after) ? [{ what: 'weaken', why: `${path} is switched off` }] : [];
}

/** CloudFormation takes booleans as text too; services have words of their own. */
function isOn(value: unknown): boolean {
  return [true, 'true', 'ACTIVE', 'Enabled'].includes(value as string | boolean);
}

/** A time for which something is kept. */
export function keptFor(path: string, unit: string, byDefault: number): Protection {
  return (before, after) => {
    const [from, to] = [before, after].map((resource) => property(resource, path) ?? byDefault);
    if (isDeepStrictEqual(from, to)) return [];
    // What is known at deployment only is no number, which is never as great: then it would be too late.
    if (Number(to) >= Number(from)) return [];
    return [{ what: 'shorten', why: `${path}: ${time(from, unit)} -> ${time(to, unit)}` }];
  };
}

/** What a resource is made with and keeps, though CloudFormation's model has it as a property that can be updated. */
export function madeWith(path: string, byDefault: string): Protection {
  return (before, after) => {
    const [was, is] = [before, after].map((resource) => property(resource, path) ?? byDefault);
    if (isDeepStrictEqual(was, is)) return [];
    const [from, to] = [was, is].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    return [{ what: 'weaken', why: `${path}: ${from} -> ${to}, which no update can do: it stays as it was made` }];
  };
}

function time(value: unknown, unit: string): string {
  if (value === Infinity) return 'forever';
  return Number.isNaN(Number(value)) ? JSON.stringify(value) : `${Number(value)} ${unit}`;
}

/** Items of a table that go by themselves. */
export function itemsStay(before: TemplateResource, after: TemplateResource): Lessening[] {
  const path = 'TimeToLiveSpecification';
  const [was, is] = [before, after].map((table) =>
    isOn(property(table, `${path}.Enabled`)) ? property(table, `${path}.AttributeName`) : undefined,
  );
  if (is === undefined || isDeepStrictEqual(was, is)) return [];
  return [{ what: 'shorten', why: `${path}: items expire by ${JSON.stringify(is)}` }];
}

interface Rule {
  readonly Status?: string;
  readonly ExpirationInDays?: unknown;
  readonly ExpirationDate?: unknown;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: unknown };
  readonly NoncurrentVersionExpirationInDays?: unknown;
  readonly [filter: string]: unknown;
}

/** The rules by which objects of a bucket expire. */
export function objectsStay(before: TemplateResource, after: TemplateResource): Lessening[] {
  return EXPIRIES.flatMap(({ name, daysOf }) => {
    const known = rules(before);
    const shorter = rules(after).filter((rule) => {
      const days = daysOf(rule);
      if (days === undefined) return false;
      // Objects that already went as early: those of a rule for all, or for the very same ones.
      return !known.some(
        (old) => (isForAll(old) || isDeepStrictEqual(filter(old), filter(rule))) && (daysOf(old) ?? Infinity) <= days,
      );
    });
    return shorter.map((rule): Lessening => {
      const days = daysOf(rule);
      return { what: 'shorten', why: `LifecycleConfiguration: ${name} expire after ${days} days${scope(rule)}` };
    });
  });
}

const EXPIRIES: { readonly name: string; readonly daysOf: (rule: Rule) => number | undefined }[] = [
  // A date is in the past or will be.
  { name: 'objects', daysOf: (rule) => (rule.ExpirationDate === undefined ? days(rule.ExpirationInDays) : 0) },
  {
    name: 'former versions',
    daysOf: (rule) => days(rule.NoncurrentVersionExpiration?.NoncurrentDays ?? rule.NoncurrentVersionExpirationInDays),
  },
];

function days(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  // A value that is known at deployment only may be as short as any.
  return Number.isNaN(Number(value)) ? 0 : Number(value);
}

function rules(bucket: TemplateResource): Rule[] {
  const all = (property(bucket, 'LifecycleConfiguration.Rules') ?? []) as Rule[];
  return all.filter(({ Status }) => Status === 'Enabled');
}

function filter({ Prefix, TagFilters, ObjectSizeGreaterThan, ObjectSizeLessThan }: Rule): unknown[] {
  return [Prefix, TagFilters, ObjectSizeGreaterThan, ObjectSizeLessThan];
}

function isForAll(rule: Rule): boolean {
  return filter(rule).every((part) => part === undefined || part === '');
}

function scope(rule: Rule): string {
  return typeof rule.Prefix === 'string' && rule.Prefix !== '' ? ` in ${rule.Prefix}` : '';
}

/** A bucket that has objects can't be deleted, unless something empties it first. */
export function nothingEmptiesIt(before: TemplateResource, after: TemplateResource): Lessening[] {
  const isEmptied = (bucket: TemplateResource) =>
    ((property(bucket, 'Tags') ?? []) as { Key?: string }[]).some(({ Key }) => Key === 'aws-cdk:auto-delete-objects');
  if (isEmptied(before) || !isEmptied(after)) return [];
  return [{ what: 'weaken', why: '`autoDeleteObjects` empties the bucket when it leaves the stack' }];
}

const SAFETY: Record<string, number> = { Delete: 0, Snapshot: 1, RetainExceptOnCreate: 2, Retain: 2 };

function safety(policy = 'Delete'): number {
  return SAFETY[policy] ?? 0;
}

/** Whether the resource is left in place by that policy. */
export function isRetained(policy: string | undefined): boolean {
  return safety(policy) === 2;
}

/** What happens to the resource when it leaves the stack, or is replaced. */
export function policiesStay(before: TemplateResource, after: TemplateResource): Lessening[] {
  return (['DeletionPolicy', 'UpdateReplacePolicy'] as const)
    .filter((policy) => safety(after[policy]) < safety(before[policy]))
    .map((policy) => ({ what: 'weaken', why: `${policy}: ${before[policy]} -> ${after[policy] ?? 'Delete'}` }));
}

/** Under another condition the resource may not be made, and then it is deleted. */
export function conditionStays(before: TemplateResource, after: TemplateResource): Lessening[] {
  if (after.Condition === undefined || after.Condition === before.Condition) return [];
  return [{ what: 'weaken', why: `Condition: it leaves the stack when ${after.Condition} is false` }];
}
