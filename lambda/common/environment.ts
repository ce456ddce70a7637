import type * as z from 'zod';

/** Parses the environment once, so that a wrong deployment fails at the first line and says which variable. */
export function parseEnvironment<T>(schema: z.ZodType<T>): T {
  const result = schema.safeParse(process.env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment of this function is wrong: ${problems.join('; ')}`);
}
