import { z } from 'zod';
import type {
  ApiToken,
  PasswordChange,
  Right,
  Role,
  SecondFactorNeeded,
  Session,
  SetupRequest,
  SetupState,
  SignInRequest,
  TokenCreate,
  TokenScope,
  TokenSecret,
  TotpEnrolment,
  User,
  UserChange,
  UserCreate,
  UserSecret,
} from '../api.ts';
import { Id, Ms, MsInput, schemaOf } from './schema.ts';

const Name = z.string().min(1).max(64);
/** Longer than any password may be, so that the answer to a long one is a sentence about passwords. */
const Password = z.string().min(1).max(1_024);
/** An IANA zone that this machine knows. */
export const Zone = z.string().max(64).refine(isZone, 'not an IANA time zone');
export const Hospital = z.string().trim().min(1).max(120);

export const RoleSchema = schemaOf<Role>('Role')(z.enum(['administrator', 'analyst', 'privacy-officer', 'read-only']));
export const RightSchema = schemaOf<Right>('Right')(z.enum(['read', 'respond', 'see-patients', 'administer']));
export const TokenScopeSchema = schemaOf<TokenScope>('TokenScope')(z.enum(['read', 'hunt', 'respond', 'administer']));

export const SetupStateSchema = schemaOf<SetupState>('SetupState')(z.strictObject({ valid: z.boolean() }));
export const SetupRequestSchema = schemaOf<SetupRequest>('SetupRequest')(
  z.strictObject({ token: z.string().max(128), hospital: Hospital, zone: Zone, user: Name, password: Password }),
);
export const SessionSchema = schemaOf<Session>('Session')(
  z.strictObject({
    user: z.strictObject({ id: z.string(), name: z.string(), role: RoleSchema }),
    rights: z.array(RightSchema),
    hospital: z.string(),
    zone: z.string(),
    hasTotp: z.boolean(),
    mustChangePassword: z.boolean(),
    version: z.string(),
  }),
);
export const SignInRequestSchema = schemaOf<SignInRequest>('SignInRequest')(
  z.strictObject({
    user: z.string().max(256),
    password: z.string().max(1_024),
    code: z
      .string()
      .regex(/^\d{6}$/, 'six digits')
      .exactOptional(),
  }),
);
export const SecondFactorNeededSchema = schemaOf<SecondFactorNeeded>('SecondFactorNeeded')(
  z.strictObject({ needs: z.literal('totp') }),
);
export const PasswordChangeSchema = schemaOf<PasswordChange>('PasswordChange')(
  z.strictObject({ current: Password, next: Password }),
);
export const TotpEnrolmentSchema = schemaOf<TotpEnrolment>('TotpEnrolment')(
  z.strictObject({ uri: z.string(), secret: z.string() }),
);
export const TotpConfirmSchema = z.strictObject({ code: z.string().regex(/^\d{6}$/, 'six digits') });

export const UserSchema = schemaOf<User>('User')(
  z.strictObject({
    id: Id,
    name: z.string(),
    role: RoleSchema,
    seesPatients: z.boolean(),
    hasTotp: z.boolean(),
    isLocked: z.boolean(),
    lastSignInMs: Ms.nullable(),
    createdMs: Ms,
  }),
);
export const UserCreateSchema = schemaOf<UserCreate>('UserCreate')(
  z.strictObject({ name: Name, role: RoleSchema, seesPatients: z.boolean() }),
);
export const UserChangeSchema = schemaOf<UserChange>('UserChange')(
  z.strictObject({
    role: RoleSchema.exactOptional(),
    seesPatients: z.boolean().exactOptional(),
    isLocked: z.boolean().exactOptional(),
  }),
);
export const UserSecretSchema = schemaOf<UserSecret>('UserSecret')(
  z.strictObject({ user: UserSchema, password: z.string() }),
);
export const ApiTokenSchema = schemaOf<ApiToken>('ApiToken')(
  z.strictObject({
    id: Id,
    name: z.string(),
    scopes: z.array(TokenScopeSchema),
    createdMs: Ms,
    expiresMs: Ms.nullable(),
    lastUsedMs: Ms.nullable(),
  }),
);
export const TokenCreateSchema = schemaOf<TokenCreate>('TokenCreate')(
  z.strictObject({ name: Name, scopes: z.array(TokenScopeSchema).min(1).max(4), expiresMs: MsInput.nullable() }),
);
export const TokenSecretSchema = schemaOf<TokenSecret>('TokenSecret')(
  z.strictObject({ token: ApiTokenSchema, secret: z.string() }),
);

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
