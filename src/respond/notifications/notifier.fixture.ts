import { type IncomingHttpHeaders, type Server, createServer as createHttp } from 'node:http';
import { type Server as NetServer, type Socket, createServer } from 'node:net';

/** A mail as the peer got it. */
export interface ReceivedMail {
  from: string;
  to: string[];
  /** Header lines and text, folded lines joined. */
  data: string;
}

export interface MailPeer extends AsyncDisposable {
  port: number;
  mails: ReceivedMail[];
  /** All lines that clients said. */
  said: string[];
  /** Answer to RCPT TO; `250` takes it. */
  rcptAnswer: string;
}

/** A mail server that speaks as much SMTP (RFC 5321) as a delivery without TLS needs, on a port of its own. */
export async function mailPeer(): Promise<MailPeer> {
  const sockets = new Set<Socket>();
  const peer: Omit<MailPeer, 'port' | typeof Symbol.asyncDispose> = { mails: [], said: [], rcptAnswer: '250 good' };
  const server = createServer((socket) => {
    sockets.add(socket);
    converse(socket, peer);
  });
  const port = await listening(server);
  const dispose = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await closed(server);
  };
  return Object.assign(peer, { port, [Symbol.asyncDispose]: dispose });
}

function converse(socket: Socket, peer: Pick<MailPeer, 'mails' | 'said' | 'rcptAnswer'>): void {
  let buffered = '';
  let mail: ReceivedMail = { from: '', to: [], data: '' };
  let inData = false;
  const answer = (text: string): boolean => socket.write(`${text}\r\n`);
  const line = (text: string): void => {
    if (inData && text !== '.') return void (mail.data += `${text.replace(/^\.\./, '.')}\n`);
    if (inData) {
      inData = false;
      mail.data = mail.data.replaceAll(/\n[ \t]+/g, ' ');
      peer.mails.push(mail);
      mail = { from: '', to: [], data: '' };
      return void answer('250 kept');
    }
    peer.said.push(text);
    if (/^EHLO/i.test(text)) return void answer('250-peer\r\n250 AUTH PLAIN LOGIN');
    if (/^MAIL FROM:/i.test(text)) mail.from = text.slice(10);
    if (/^RCPT TO:/i.test(text)) {
      mail.to.push(text.slice(8));
      return void answer(peer.rcptAnswer);
    }
    if (/^STARTTLS/i.test(text)) return void answer('502 no');
    if (/^DATA/i.test(text)) {
      inData = true;
      return void answer('354 go on');
    }
    if (/^QUIT/i.test(text)) return void socket.end('221 bye\r\n');
    answer('250 good');
  };
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (buffered + chunk.toString('utf8')).split('\r\n');
    buffered = lines.pop() ?? '';
    for (const one of lines) line(one);
  });
  answer('220 peer ESMTP');
}

export interface HookPeer extends AsyncDisposable {
  url: string;
  posts: { headers: IncomingHttpHeaders; body: string }[];
  /** Status of the answers, and where a redirect leads. */
  answer: { status: number; location?: string };
}

/** A receiver of webhooks. */
export async function hookPeer(): Promise<HookPeer> {
  const posts: HookPeer['posts'] = [];
  const peer = { posts, answer: { status: 204 } as HookPeer['answer'] };
  const server = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      const { status, location } = peer.answer;
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  });
  const port = await listening(server);
  const dispose = (): Promise<void> => closed(server);
  return Object.assign(peer, { url: `http://127.0.0.1:${port}/hook`, [Symbol.asyncDispose]: dispose });
}

async function listening(server: Server | NetServer): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

async function closed(server: Server | NetServer): Promise<void> {
  await new Promise<void>((resolve) => void server.close(() => resolve()));
}
