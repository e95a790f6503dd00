/** The nonce of this page, under which its policy lets style elements be written; empty where there is none. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}

/** Hands the nonce to the library that locks scrolling behind dialogs, which looks for it under this name. */
export function lendNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
}
