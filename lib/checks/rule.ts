import type { CheckedTemplate, Resource } from './template';

/** Where a rule found something. */
export interface Finding {
  readonly resource: Resource;
  /** What the finding is about, like `Properties.KmsKeyId`. */
  readonly location: string;
  /** The value that is wrong. @default - that the property is missing or has a value which the title names */
  readonly detail?: string;
}

/** One thing that is wrong in a template. The texts are sentences: they are what people see, and `docs/rules.md`. */
export interface Rule {
  /** Stable, because acknowledgements name it. */
  readonly id: string;
  /** Errors fail the synthesis. */
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  /** What the rule doesn't see, or leaves alone. */
  readonly unseen: string;
  readonly link: string;
  check(template: CheckedTemplate): Iterable<Finding>;
}

/** A finding about a property, or about an attribute of the resource itself, like `DeletionPolicy`. */
export function finding(resource: Resource, location: string, detail?: string): Finding {
  return { resource, location, detail };
}
