import { messageOf } from '#kernel';
import { NotificationsError } from './errors.ts';
import { RECIPIENTS_MAX, SEND_MS_MAX } from './limits.ts';
import type { NotificationSettings } from './types.ts';

export type EmailSettings = NonNullable<NotificationSettings['notifications']['email']>;

export interface Mail {
  subject: string;
  text: string;
  /** Stays the same when the message is sent again, so that mail programs show it once. */
  id: string;
}

/**
 * Hands a mail to the hospital's server. A password is sent over TLS alone.
 * @throws {NotificationsError} `unreachable`, `refused`
 */
export async function sendMail(settings: EmailSettings, password: string | null, mail: Mail): Promise<void> {
  const { host, port, secure, user, from, to } = settings;
  // Loaded with the first mail: most commands never send one.
  const { createTransport } = await import('nodemailer');
  const withPassword = user !== '' && password !== null;
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: withPassword && !secure,
    ...(withPassword ? { auth: { user, pass: password } } : {}),
    connectionTimeout: SEND_MS_MAX,
    greetingTimeout: SEND_MS_MAX,
    socketTimeout: SEND_MS_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: to.slice(0, RECIPIENTS_MAX),
      subject: mail.subject,
      text: mail.text,
      messageId: `<${mail.id}@wardkeep.invalid>`,
      // Out-of-office answers to a machine help nobody (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw mailError(error);
  } finally {
    transport.close();
  }
}

/** The server's own words are left out: they may repeat the message. */
function mailError(error: unknown): NotificationsError {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const answer = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  if (code === 'EAUTH')
    return new NotificationsError('refused', `the mail server does not accept user name and password${answer}`, {
      advice: 'check them under Settings, Notifications',
    });
  if (code === 'ETLS' || /certificate|self.signed/i.test(messageOf(error)))
    return new NotificationsError('refused', 'no trusted TLS connection to the mail server can be made', {
      advice: 'check the port and the certificate of the mail server',
    });
  if (code === 'EENVELOPE' || code === 'EMESSAGE' || typeof responseCode === 'number')
    return new NotificationsError('refused', `the mail server does not take the message${answer}`, {
      advice: 'check sender and recipients under Settings, Notifications',
    });
  return new NotificationsError('unreachable', 'the mail server does not answer', {
    advice: 'check its name and port, and that this machine may reach it',
  });
}
