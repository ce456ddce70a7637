import { buildSync } from 'esbuild';

interface Parser {
  validate(sql: string): { message: string }[];
}

/** What a parser of Trino's grammar, which is Athena's, finds wrong with a query. */
export function trinoErrors(sql: string): string[] {
  parser ??= load();
  return parser.validate(sql).map(({ message }) => message);
}

let parser: Parser | undefined;

/** The package is of modules that only bundlers find. */
function load(): Parser {
  const contents = "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js'";
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: __dirname },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const module = { exports: {} as { TrinoSQL: new () => Parser } };
  new Function('module', 'exports', outputFiles[0].text)(module, module.exports);
  return new module.exports.TrinoSQL();
}
