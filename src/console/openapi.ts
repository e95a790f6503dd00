import { z } from 'zod';
import { API_PREFIX } from './app.ts';
import type { Access } from './caller.ts';
import { type Route, isBytes, isPlain } from './route.ts';
import { ApiProblemSchema } from './schemas/common.ts';
import { API_SCHEMAS } from './schemas/schema.ts';

type Json = Record<string, unknown>;

/** The description of the API (OpenAPI 3.1), out of the table that serves it. */
export function describeApi(routes: readonly Route[], version: string): Json {
  const components: Json = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => collect(schema, { io, components });
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = API_PREFIX + route.path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemaOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wardkeep',
      version,
      description:
        'What the console of Wardkeep and programs may ask. Times are milliseconds since the epoch. Lists are pages: `next` is the `before` of the next one. Tokens never see patients.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'wardkeep',
          description: 'With the header `x-wardkeep: 1` on writes.',
        },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

type Describe = (schema: z.ZodType, io: 'input' | 'output') => Json;

function operationOf(route: Route, describe: Describe): Json {
  const parameters = [
    ...parametersOf(route.params, { place: 'path', describe }),
    ...parametersOf(route.query, { place: 'query', describe }),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.path.split('/')[1] ?? ''],
    ...accessOf(route.access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body, describe) }),
    responses: {
      [route.reply === null ? 204 : (route.status ?? 200)]: replyOf(route.reply, describe),
      default: { description: 'A problem.', content: json(describe(ApiProblemSchema, 'output')) },
    },
  };
}

/** `GET /incidents/:id/notes` → `getIncidentsIdNotes`. */
function operationId({ method, path }: Route): string {
  const words = path.replaceAll(/\{[^}]*\}/g, '').split(/[^A-Za-z]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function accessOf(access: Access): Json {
  if (access === 'public') return { security: [] };
  if (access === 'session') return { security: [{ session: [] }] };
  const { right, scope } = access;
  return {
    security: [{ session: [] }, ...(scope === null ? [] : [{ token: [scope] }])],
    'x-right': right,
    ...(scope === null ? {} : { 'x-scope': scope }),
  };
}

function parametersOf(schema: z.ZodType | undefined, options: { place: 'path' | 'query'; describe: Describe }): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = options.describe(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: options.place,
    required: required.includes(name),
    schema,
  }));
}

function bodyOf(body: NonNullable<Route['body']>, describe: Describe): Json {
  if (!isBytes(body)) return { required: true, content: json(describe(body, 'input')) };
  const content = Object.fromEntries(
    body.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  );
  return { required: true, content };
}

function replyOf(reply: Route['reply'], describe: Describe): Json {
  if (reply === null) return { description: 'Done.' };
  if (isPlain(reply)) {
    const schema = reply.schema === undefined ? { type: 'string' } : describe(reply.schema, 'output');
    return { description: reply.description, content: { [reply.type]: { schema } } };
  }
  return { description: 'The answer.', content: json(describe(reply, 'output')) };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** A schema as JSON Schema; named ones go to the components and are referred to. */
function collect(schema: z.ZodType, { io, components }: { io: 'input' | 'output'; components: Json }): Json {
  const {
    $schema: _dialect,
    $defs = {},
    id,
    ...own
  } = z.toJSONSchema(schema, {
    metadata: API_SCHEMAS,
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  }) as { $schema?: string; $defs?: Record<string, Json>; id?: string } & Json;
  for (const [name, definition] of Object.entries($defs)) components[name] = referring(withoutId(definition));
  const name = API_SCHEMAS.get(schema)?.id ?? id;
  if (name === undefined) return referring(own) as Json;
  components[name] = referring(own);
  return { $ref: `#/components/schemas/${name}` };
}

function withoutId({ id: _id, ...definition }: Json): Json {
  return definition;
}

function referring(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      name === '$ref' && typeof item === 'string' ? item.replace('#/$defs/', '#/components/schemas/') : referring(item),
    ]),
  );
}
