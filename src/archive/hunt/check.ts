import { ArchiveError } from '../errors.ts';
import { SQL_DEPTH_MAX, SQL_NODES_MAX } from '../limits.ts';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS, TABLE_FUNCTIONS } from './functions.ts';

/**
 * Judges a statement by DuckDB's own parse tree (`json_serialize_sql`): only expressions, tables and functions that are
 * known to be harmless pass; whatever is unknown does not. Names of tables are those of `views` and of the statement's own
 * WITH clauses, where they are in scope.
 * @throws {ArchiveError} `bad_sql`, with a sentence for the author.
 */
export function checkTree(tree: unknown, views: ReadonlySet<string>): void {
  const statements = field(tree, 'statements');
  if (!Array.isArray(statements) || statements.length !== 1)
    throw bad('a hunt is exactly one statement', 'take out the semicolon and what follows it');
  new Checker(views).node(field(statements[0], 'node'), { tables: new Set(), depth: 0 });
}

interface Scope {
  /** Names of WITH clauses that can be seen here. */
  tables: ReadonlySet<string>;
  depth: number;
}

const EXPRESSIONS = new Set(
  `COLUMN_REF CONSTANT FUNCTION COMPARISON CONJUNCTION OPERATOR CASE CAST STAR SUBQUERY BETWEEN WINDOW LAMBDA COLLATE
   POSITIONAL_REFERENCE LAMBDA_REF`.split(/\s+/),
);
const TABLES = new Set(['BASE_TABLE', 'SUBQUERY', 'JOIN', 'TABLE_FUNCTION', 'EXPRESSION_LIST', 'EMPTY', 'PIVOT']);
const QUERIES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
/** Names under which DuckDB keeps its own tables; no WITH clause may look like one of them. */
const RESERVED = /^(?:duckdb_|pragma_|sqlite_|pg_|information_schema|base$|main$|masked$|system$|temp$)/i;

class Checker {
  readonly #views: ReadonlySet<string>;
  #nodes = 0;

  constructor(views: ReadonlySet<string>) {
    this.#views = views;
  }

  node(value: unknown, scope: Scope): void {
    if (typeof value !== 'object' || value === null) return;
    this.#nodes += 1;
    if (this.#nodes > SQL_NODES_MAX || scope.depth > SQL_DEPTH_MAX)
      throw bad('the statement is too long or too deeply nested', 'make it simpler');
    const inner = { tables: scope.tables, depth: scope.depth + 1 };
    if (Array.isArray(value)) {
      for (const one of value) this.node(one, inner);
      return;
    }
    if (isText(value, 'class')) this.#expression(value as Fields, inner);
    else if ('cte_map' in value) this.#query(value, inner);
    else if ('sample' in value && 'query_location' in value) this.#table(value, inner);
    else this.#children(value as Fields, inner);
  }

  #query(query: Fields, scope: Scope): void {
    if (!QUERIES.has(String(query['type']))) throw unknown(query['type']);
    const tables = new Set(scope.tables);
    const isRecursive = query['type'] === 'RECURSIVE_CTE_NODE';
    if (isRecursive) tables.add(this.#ownName(query['cte_name']));
    const entries = field(query['cte_map'], 'map');
    for (const entry of Array.isArray(entries) ? entries : []) {
      // A clause sees those before it, and itself only when it is recursive, which its own node says.
      this.node(field(entry, 'value'), { ...scope, tables: new Set(tables) });
      tables.add(this.#ownName(field(entry, 'key')));
    }
    const { cte_map: _, ...rest } = query;
    this.#children(rest, { ...scope, tables });
  }

  #ownName(name: unknown): string {
    if (typeof name !== 'string' || RESERVED.test(name))
      throw bad('this name of a WITH clause is taken', 'name it otherwise');
    return name.toLowerCase();
  }

  #table(table: Fields, scope: Scope): void {
    const type = String(table['type']);
    if (type === 'SHOW_REF')
      throw bad('DESCRIBE, SUMMARIZE and SHOW are not for hunts', 'the list of views shows their columns');
    if (!TABLES.has(type)) throw unknown(type);
    if (type === 'BASE_TABLE') this.#named(table, scope);
    if (type !== 'TABLE_FUNCTION') return this.#children(table, scope);
    const { function: call, ...rest } = table;
    this.#call(call as Fields, TABLE_FUNCTIONS, 'table function');
    this.#children(call as Fields, scope);
    this.#children(rest, scope);
  }

  #named({ table_name: name, schema_name: schema, catalog_name: catalog }: Fields, { tables }: Scope): void {
    const known = typeof name === 'string' && (this.#views.has(name.toLowerCase()) || tables.has(name.toLowerCase()));
    if (known && schema === '' && catalog === '') return;
    throw bad(`there is no view ${quoted(name)} to hunt in`, `hunt in one of: ${[...this.#views].join(', ')}`);
  }

  #expression(expression: Fields, scope: Scope): void {
    const kind = String(expression['class']);
    if (kind === 'PARAMETER') throw bad('a hunt has no parameters', 'write the value itself');
    if (!EXPRESSIONS.has(kind)) throw unknown(kind);
    if (kind === 'FUNCTION' || kind === 'WINDOW') this.#call(expression, null, 'function');
    if (kind === 'CONSTANT') return;
    this.#children(expression, scope);
  }

  #call(call: Fields, only: ReadonlySet<string> | null, what: string): void {
    const name = call['function_name'];
    const known =
      typeof name === 'string' &&
      (only === null
        ? SCALAR_FUNCTIONS.has(name.toLowerCase()) || AGGREGATE_FUNCTIONS.has(name.toLowerCase())
        : only.has(name.toLowerCase()));
    const isOwn = (call['schema'] === '' || call['schema'] === 'main') && (call['catalog'] ?? '') === '';
    if (!known || !isOwn)
      throw bad(
        `the ${what} ${quoted(name)} is not for hunts`,
        'hunts read the views and compute; see the list in the documentation',
      );
  }

  #children(value: Fields, scope: Scope): void {
    for (const child of Object.values(value)) this.node(child, scope);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isText(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'string';
}

function quoted(name: unknown): string {
  return typeof name === 'string' ? `"${name.slice(0, 80)}"` : '(unnamed)';
}

function unknown(what: unknown): ArchiveError {
  return bad(
    `this form of SQL (${String(what).slice(0, 40)}) is not for hunts`,
    'write it with SELECT, FROM, WHERE, GROUP BY, WITH',
  );
}

export function bad(message: string, advice: string): ArchiveError {
  return new ArchiveError('bad_sql', message, { advice });
}
