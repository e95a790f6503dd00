/** Half a year, as browsers ask of sites that mean it. */
const HSTS_S = 15_552_000;

/**
 * What the pages may do: load from this host alone, run no script that is not a file of ours, be framed by nobody. Mantine
 * writes its variables into `<style>` elements, which carry the page's nonce; styles of elements it sets by script, which
 * the policy does not touch. `data:` is for icons that the style sheets hold.
 */
export function contentSecurityPolicy(nonce: string | null): string {
  const styles = nonce === null ? "'self'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Sets what every answer carries. */
export function secure(headers: Headers, options: { isSecure: boolean; requestId: string }): void {
  headers.set('x-request-id', options.requestId);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('x-frame-options', 'DENY');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  if (options.isSecure) headers.set('strict-transport-security', `max-age=${HSTS_S}`);
}

/** An answer of the API is data: nothing in it ever runs, also when somebody opens it as a page. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
