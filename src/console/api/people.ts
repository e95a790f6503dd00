export type Role = 'administrator' | 'analyst' | 'privacy-officer' | 'read-only';

/** What a session may do; the server decides, the browser only hides what would be refused. */
export type Right =
  | 'read'
  /** Work on incidents, suppress, tune rules, hunt. */
  | 'respond'
  /** See whom an event concerns. */
  | 'see-patients'
  /** Users, tokens, sources, settings. */
  | 'administer';

export interface SetupState {
  /** Whether the link is good; a set-up that was done has no link. */
  valid: boolean;
}

export interface SetupRequest {
  token: string;
  hospital: string;
  /** IANA zone. */
  zone: string;
  user: string;
  password: string;
}

export interface Session {
  user: { id: string; name: string; role: Role };
  rights: Right[];
  hospital: string;
  /** The hospital's IANA zone: all times are shown in it. */
  zone: string;
  /** A second factor is set up. */
  hasTotp: boolean;
  /** The password came from somebody else and must be changed first. */
  mustChangePassword: boolean;
  version: string;
}

export interface SignInRequest {
  user: string;
  password: string;
  /** Six digits of the authenticator; needed when the first answer was `SecondFactorNeeded`. */
  code?: string;
}

export interface SecondFactorNeeded {
  needs: 'totp';
}

export interface PasswordChange {
  current: string;
  next: string;
}

export interface TotpEnrolment {
  /** `otpauth://…`, to be shown as a QR code. */
  uri: string;
  /** The same secret for typing. */
  secret: string;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  seesPatients: boolean;
  hasTotp: boolean;
  isLocked: boolean;
  lastSignInMs: number | null;
  createdMs: number;
}

export interface UserCreate {
  name: string;
  role: Role;
  seesPatients: boolean;
}

export interface UserChange {
  role?: Role;
  seesPatients?: boolean;
  isLocked?: boolean;
}

/** The first password, shown once; it must be changed at the first sign-in. */
export interface UserSecret {
  user: User;
  password: string;
}

export type TokenScope = 'read' | 'hunt' | 'respond' | 'administer';

export interface ApiToken {
  id: string;
  name: string;
  scopes: TokenScope[];
  createdMs: number;
  expiresMs: number | null;
  lastUsedMs: number | null;
}

export interface TokenCreate {
  name: string;
  scopes: TokenScope[];
  expiresMs: number | null;
}

/** The token itself, shown once. */
export interface TokenSecret {
  token: ApiToken;
  secret: string;
}
