/** What a control of the console needs. */
export type Need = 'live' | 'control' | 'acknowledge' | 'force';

const MAY: Readonly<Record<string, readonly Need[]>> = {
  reviewer: [],
  pilot: ['live', 'control', 'acknowledge'],
  admin: ['live', 'control', 'acknowledge', 'force'],
};

/**
 * Whether it is worth to offer something. It is the API that decides: of roles that the console doesn't know, it can't
 * know what they allow, but nobody is offered to take control by force for that.
 */
export function may(roles: readonly string[], need: Need): boolean {
  const known = roles.filter((role) => role in MAY);
  if (known.length === 0) return need !== 'force';
  return known.some((role) => MAY[role].includes(need));
}
