import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type RandomFill, entryOf } from '#kernel';
import { contentSecurityPolicy } from './headers.ts';
import { WEB_BYTES_MAX } from './limits.ts';

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Where the build leaves room for the page's nonce (`html.cspNonce` of Vite); the page reads it there. */
const NONCE_PLACE = '__CSP_NONCE__';
const NONCE_BYTES = 18;
const YEAR_S = 31_536_000;
/** Names that Vite makes hold a hash of the content, so a browser may keep them. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/;
/** Files of fewer bytes gain nothing by compression. */
const COMPRESS_BYTES_MIN = 1_024;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

interface WebFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  etag: string;
  packed: Partial<Record<'br' | 'gzip', Promise<Uint8Array<ArrayBuffer>>>>;
}

/** The built pages, read once; what a path cannot name, nobody can ask for. */
export interface WebFiles {
  /** Null when it is for somebody else: another method, or the API. */
  serve(request: Request): Promise<Response | null>;
}

/** @throws {Error} when the directory cannot be read or holds more than `WEB_BYTES_MAX`. */
export function openWebFiles(directory: string, random: RandomFill): WebFiles {
  const files = readFiles(directory);
  const page = files.get('/index.html');
  return {
    async serve(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return null;
      const { pathname } = new URL(request.url);
      const file = pathname === '/index.html' ? undefined : files.get(pathname);
      if (file !== undefined) return fileResponse(request, { file, isHashed: HASHED.test(pathname) });
      // Any other address is one of the page's own; what looks like a file and is none is not there.
      if (page === undefined || isFileName(pathname)) return new Response('not found\n', { status: 404 });
      return pageResponse(request, page, random);
    },
  };
}

/** Ids in the page's own addresses may hold dots; files have the ending of a kind that we serve. */
function isFileName(pathname: string): boolean {
  return pathname.startsWith('/assets/') || entryOf(TYPES, extname(pathname)) !== undefined;
}

function readFiles(directory: string): Map<string, WebFile> {
  const files = new Map<string, WebFile>();
  let size = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.br') || entry.name.endsWith('.gz')) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = Uint8Array.from(readFileSync(path));
    size += bytes.length;
    if (size > WEB_BYTES_MAX) throw new Error(`the web pages in ${directory} are larger than ${WEB_BYTES_MAX} bytes`);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    const type = TYPES[extname(entry.name)] ?? 'application/octet-stream';
    files.set(`/${relative(directory, path).split(sep).join('/')}`, { bytes, type, etag, packed: {} });
  }
  return files;
}

async function fileResponse(
  request: Request,
  { file, isHashed }: { file: WebFile; isHashed: boolean },
): Promise<Response> {
  const headers = new Headers({
    'content-type': file.type,
    'cache-control': isHashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
    // An SVG that is opened by itself is a page, too.
    'content-security-policy': contentSecurityPolicy(null),
  });
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  const encoding = encodingFor(request, file);
  if (encoding === null) return new Response(file.bytes, { headers });
  headers.set('content-encoding', encoding);
  file.packed[encoding] ??= pack(file.bytes, encoding);
  return new Response(await file.packed[encoding], { headers });
}

/** The page with a nonce of its own, so that the styles which Mantine writes are known as ours. */
function pageResponse(request: Request, page: WebFile, random: RandomFill): Response {
  const bytes = Buffer.alloc(NONCE_BYTES);
  random(bytes);
  const nonce = bytes.toString('base64');
  const html = Buffer.from(page.bytes).toString('utf8').replaceAll(NONCE_PLACE, nonce);
  return new Response(request.method === 'HEAD' ? null : html, {
    headers: {
      'content-type': page.type,
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce),
    },
  });
}

function encodingFor(request: Request, { bytes, type }: WebFile): 'br' | 'gzip' | null {
  const isText = /^text\/|json$|xml$|javascript/.test(type) || type.startsWith('text/');
  if (!isText || bytes.length < COMPRESS_BYTES_MIN) return null;
  const accepted = (request.headers.get('accept-encoding') ?? '').split(',').map((one) => one.trim());
  const takes = (name: string): boolean =>
    accepted.some((one) => one === name || (one.startsWith(`${name};`) && !/;\s*q=0(?:\.0*)?$/.test(one)));
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : null;
}

async function pack(bytes: Uint8Array<ArrayBuffer>, encoding: 'br' | 'gzip'): Promise<Uint8Array<ArrayBuffer>> {
  const packed =
    encoding === 'br'
      ? await brotli(bytes, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
        })
      : await gzipped(bytes, { level: 9 });
  return Uint8Array.from(packed);
}
