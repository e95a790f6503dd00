export interface CookieNames {
  session: string;
  device: string;
}

const DEVICE_DAYS = 180;

/** Under TLS the name itself tells browsers to take the cookie from this very host by TLS alone (RFC 6265bis §4.1.3). */
export function cookieNames(isSecure: boolean): CookieNames {
  return { session: isSecure ? '__Host-wardkeep' : 'wardkeep', device: 'wardkeep-device' };
}

/** The value of a cookie, or null. */
export function readCookie(request: Request, name: string): string | null {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** No script reads it and no other site sends it; it ends with the browser, and on the server before. */
export function sessionCookie(value: string, options: { name: string; isSecure: boolean }): string {
  return `${options.name}=${value}; Path=/; HttpOnly; SameSite=Strict${options.isSecure ? '; Secure' : ''}`;
}

export function endedCookie(options: { name: string; isSecure: boolean }): string {
  return `${sessionCookie('', options)}; Max-Age=0`;
}

/** Sent with sign-ins alone. */
export function deviceCookie(value: string, options: { name: string; isSecure: boolean }): string {
  const age = DEVICE_DAYS * 86_400;
  return `${options.name}=${value}; Path=/api/v1/session; HttpOnly; SameSite=Strict; Max-Age=${age}${options.isSecure ? '; Secure' : ''}`;
}
