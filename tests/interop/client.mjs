// A client written from docs/protocol.md alone, with nothing but Node.js 18 or later (no package).
//
//   node client.mjs --host 127.0.0.1 --port 20101 --domain hp.school.example --ca root.pem \
//        --ticket HEX --login NAME --password TEXT --planning NAME \
//        [--pin DIGITS] [--device NAME] [--from-zero] [--deltas 1] [--seconds 10]
//
// --ca       PEM of the root (as in ParamClient); --ticket: 32 bytes of enrolment ticket in hex.
// --pin      proves the PIN when it is asked, and is chosen as the measure at first sign-in (without it: `none`).
// --from-zero follows from revision 0 instead of fetching the snapshot.
// --deltas   transactions to wait for before ending, its own included; --seconds: how long at most.
//
// It enrols, logs in, opens the planning, enters, copies the base, places an activity (a new one when there is none),
// sends the same transaction again, and follows. One JSON line per step on stdout: {"step": ..., ...}. Exit code 0;
// or 1 after {"step": "failed", "error": ...}. The first connections go to --host whatever the endpoint's host is.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { pathToFileURL } from 'node:url';
// --- MessagePack: nil, booleans, integers, str, bin, arrays, maps; nothing else is in the profile -------------------
const head = (value, ...sizes) => {
  for (const [bits, tag, fix] of sizes) {
    if (value < fix) return Buffer.from([tag + value]);
    if (fix || value >= 2 ** bits) continue;
    return Buffer.from(tag.toString(16) + value.toString(16).padStart(bits / 4, '0'), 'hex');
  }
  throw new Error('too long');
};

function integer(value) {
  const n = BigInt(value);
  if (n >= 0n && n < 128n) return Buffer.from([Number(n)]);
  if (n < 0n && n >= -32n) return Buffer.from([Number(256n + n)]);
  for (const [bits, plus, minus] of [[8, 0xcc, 0xd0], [16, 0xcd, 0xd1], [32, 0xce, 0xd2], [64, 0xcf, 0xd3]]) {
    if (n >= 1n << BigInt(bits) || n < -(1n << BigInt(bits - 1))) continue;
    const digits = BigInt.asUintN(bits, n).toString(16).padStart(bits / 4, '0');
    return Buffer.from((n >= 0n ? plus : minus).toString(16) + digits, 'hex');
  }
  throw new Error('integer out of range');
}

export function encode(value) {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number' || typeof value === 'bigint') return integer(value);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([head(text.length, [0, 0xa0, 32], [8, 0xd9], [16, 0xda], [32, 0xdb]), text]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(value.length, [8, 0xc4], [16, 0xc5], [32, 0xc6]), value]);
  if (Array.isArray(value)) {
    return Buffer.concat([head(value.length, [0, 0x90, 16], [16, 0xdc], [32, 0xdd]), ...value.map(encode)]);
  }
  const pairs = [...(value instanceof Map ? value : new Map(Object.entries(value)))];
  const size = head(pairs.length, [0, 0x80, 16], [16, 0xde], [32, 0xdf]);
  return Buffer.concat([size, ...pairs.flatMap(([k, v]) => [encode(k), encode(v)])]);
}

class Reader {
  constructor(data) { Object.assign(this, { data, at: 0 }); }
  take(size) {
    if (this.at + size > this.data.length) throw new Error('truncated');
    return this.data.subarray(this.at, this.at += size);
  }
  uint(size, as = BigInt.asUintN) {
    const n = as(size * 8, BigInt(`0x${this.take(size).toString('hex')}`));
    return Number.isSafeInteger(Number(n)) ? Number(n) : n; // week sets have up to 62 bits
  }
  text(size) { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.take(size)); }
  array(size) { const out = []; for (let i = 0; i < size; i += 1) out.push(this.value()); return out; }
  map(size) { const out = new Map(); for (let i = 0; i < size; i += 1) out.set(this.value(), this.value()); return out; }

  value() {
    const tag = this.take(1)[0];
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.map(tag - 0x80);
    if (tag < 0xa0) return this.array(tag - 0x90);
    if (tag < 0xc0) return this.text(tag - 0xa0);
    if (tag >= 0xe0) return tag - 256;
    if (tag === 0xc0) return null;
    if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3;
    if (tag >= 0xc4 && tag <= 0xc6) return this.take(this.uint(1 << (tag - 0xc4)));
    if (tag >= 0xcc && tag <= 0xcf) return this.uint(1 << (tag - 0xcc));
    if (tag >= 0xd0 && tag <= 0xd3) return this.uint(1 << (tag - 0xd0), BigInt.asIntN);
    if (tag >= 0xd9 && tag <= 0xdb) return this.text(this.uint(1 << (tag - 0xd9)));
    if (tag === 0xdc || tag === 0xdd) return this.array(this.uint(tag === 0xdc ? 2 : 4));
    if (tag === 0xde || tag === 0xdf) return this.map(this.uint(tag === 0xde ? 2 : 4));
    throw new Error(`format 0x${tag.toString(16)} is not in the profile`);
  }
}

export function decode(data) {
  const reader = new Reader(data);
  const value = reader.value();
  if (reader.at !== data.length) throw new Error('bytes after the message');
  return value;
}
// --- PKCS#10 -------------------------------------------------------------------------------------------------------
function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  if (body.length > 255) throw new Error('longer than any request made here');
  const size = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const ECDSA_SHA256 = Buffer.from('2a8648ce3d040302', 'hex'); // 1.2.840.10045.4.3.2
export function certificateRequest({ publicKey, privateKey }) {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const wish = der(0x30, der(0x02, Buffer.from([0])), der(0x30), key, der(0xa0));
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', wish, privateKey)]);
  return der(0x30, wish, der(0x30, der(0x06, ECDSA_SHA256)), der(0x03, signature));
}

export const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (bytes) => `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
// --- one connection ------------------------------------------------------------------------------------------------
const T = { Hello: 1, Welcome: 2, Ping: 3, Pong: 4, GoAway: 5, Failed: 7, TransferStarted: 8, Chunk: 9, Enrol: 20,
  Login: 22, PinNeeded: 24, ProvePin: 25, MeasureNeeded: 26, ChooseMeasure: 27, RegisterDevice: 28, ListPlannings: 30,
  OpenPlanning: 32, Logout: 34, Enter: 50, FetchSnapshot: 52, Follow: 53, Delta: 55, Behind: 56, Transact: 57,
  Committed: 58, GetFreePlaces: 66 };

class Link {
  static async open(options, role) {
    const link = new Link(connect({ minVersion: 'TLSv1.3', ...options }));
    const welcome = new Promise((resolve) => { link.greeted = resolve; });
    await Promise.race([link.gone, new Promise((resolve) => { link.socket.setNoDelay(true).once('secureConnect', resolve); })]);
    if (link.socket.alpnProtocol !== options.ALPNProtocols[0]) throw new Error('no protocol was agreed');
    link.say([T.Hello, [1], [], 'interop.mjs 1.0', 'en']);
    const [, , , , told] = await Promise.race([link.gone, welcome]);
    if (told !== role) throw new Error(`role ${told}, not ${role}`);
    return link;
  }
  constructor(socket) {
    Object.assign(this, { socket, rest: Buffer.alloc(0), next: 1, waiting: new Map(), pushed: () => {} });
    this.gone = new Promise((_, reject) => { this.lost = reject; });
    this.gone.catch(() => {}); // who waits for something races against it
    socket.on('data', (data) => { try { this.read(data); } catch (error) { this.end(error); } });
    socket.on('error', (error) => this.end(error)).on('close', () => this.end(new Error('the line was closed')));
  }
  say(message) {
    const body = encode(message);
    this.socket.write(Buffer.concat([Buffer.from(body.length.toString(16).padStart(8, '0'), 'hex'), body]));
  }
  ask(tag, ...fields) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.say([tag, id, 0, ...fields]);
    });
  }
  read(data) {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 4) {
      const size = this.rest.readUInt32BE();
      if (size === 0 || size > 1048576) throw new Error(`a frame of ${size} bytes`);
      if (this.rest.length < 4 + size) return;
      this.hear(decode(this.rest.subarray(4, 4 + size)));
      this.rest = this.rest.subarray(4 + size);
    }
  }
  hear(message) {
    const [tag, id] = message;
    if (tag === T.Ping) this.say([T.Pong, id]);
    else if (tag === T.Welcome) this.greeted(message);
    else if (tag === T.Failed && id === 0) this.end(new Error(`${message[3]}: ${message[5]}`));
    else if (tag === T.Delta || tag === T.Behind || tag === T.GoAway || !this.waiting.has(id)) this.pushed(message);
    else this.answer(id, message);
  }
  answer(id, message) {
    const wish = this.waiting.get(id);
    if (message[0] === T.TransferStarted) Object.assign(wish, { started: message, parts: [], size: 0 });
    if (message[0] === T.Chunk) {
      if (message[2] !== wish.size) throw new Error('a gap in the transfer');
      wish.size += wish.parts.push(message[3]) && message[3].length;
    }
    if (wish.started && message[0] !== T.Failed && wish.size < wish.started[2]) return;
    this.waiting.delete(id);
    if (message[0] === T.Failed) return wish.reject(new Error(`${message[3]} (${message[2]}): ${message[5]}`));
    if (!wish.started) return wish.resolve(message);
    const data = Buffer.concat(wish.parts);
    if (!createHash('sha256').update(data).digest().equals(wish.started[5])) throw new Error('another digest');
    return wish.resolve({ epoch: wish.started[6], revision: wish.started[7], data });
  }
  end(error) {
    this.lost(error);
    for (const { reject } of this.waiting.values()) reject(error);
    this.socket.destroy();
  }
}
// --- the replica ---------------------------------------------------------------------------------------------------
class Replica {
  constructor() { Object.assign(this, { epoch: 0, revision: 0, tables: new Map() }); }
  table(kind) { return this.tables.get(kind) ?? this.tables.set(kind, new Map()).get(kind); }

  load({ epoch, revision, data }) {
    const [magic, version, , tables] = decode(data);
    if (magic !== 'hp-base' || version !== 2) throw new Error('not a snapshot this client reads');
    Object.assign(this, { epoch, revision, tables: new Map() });
    for (const [kind, [keys, columns]] of tables) {
      keys.forEach((key, i) => this.table(kind).set(key, new Map([...columns].map(([name, all]) => [name, all[i]]))));
    }
  }
  apply([revision, , , , , , changes]) {
    if (revision <= this.revision) return;
    if (revision !== this.revision + 1) throw new Error(`transaction ${revision} after ${this.revision}`);
    for (const [what, kind, key, fields] of changes) {
      if (what === 3) this.table(kind).delete(key);
      else this.table(kind).set(key, new Map([...(what === 2 ? this.table(kind).get(key) : []), ...fields]));
    }
    this.revision = revision;
  }
}
// --- the visit -----------------------------------------------------------------------------------------------------
const tell = (step, facts = {}) => process.stdout.write(`${JSON.stringify({ step, ...facts }, (_, v) => (typeof v === 'bigint' ? v.toString() : v))}\n`);

async function signIn(home, o) {
  let answer = await home.ask(T.Login, o.login, o.password);
  if (answer[0] === T.PinNeeded) answer = await home.ask(T.ProvePin, o.pin ?? '');
  if (answer[0] === T.MeasureNeeded) answer = await home.ask(T.ChooseMeasure, o.pin ? 'pin' : 'none', o.pin ?? '');
  tell('logged_in', { user: answer[2], login: answer[3], status: answer[6], registered: answer[7] });
  if (!answer[7]) { await home.ask(T.RegisterDevice, o.device ?? 'interop'); tell('device_registered'); }
}

async function transact(link, replica, changes, operation = randomBytes(16)) {
  const answer = await link.ask(T.Transact, operation, replica.revision, changes, false, false, 'interop');
  if (answer[0] !== T.Committed) throw new Error(`not committed: ${JSON.stringify(answer)}`);
  return { operation, revision: answer[3], keys: answer[4] };
}

async function place(link, replica) {
  let [key] = [...replica.table('activity')].find(([, row]) => row.get('weeks')) ?? [];
  if (key === undefined) {
    const made = await transact(link, replica, [[1, 'subject', -1, { name: 'Interop' }],
      [1, 'activity', -2, { subject: -1, duration: 1, weeks: 1 }]]);
    key = made.keys.get(-2);
    tell('created', { activity: key, revision: made.revision });
    await replica.until(made.revision);
  }
  const weeks = BigInt(replica.table('activity').get(key).get('weeks'));
  const free = [...(await link.ask(T.GetFreePlaces, key))[3]].filter(([, set]) => (BigInt(set) & weeks) === weeks);
  if (!free.length) throw new Error(`activity ${key} has no free place`);
  const wish = [[2, 'activity', key, { place: free[0][0] }]];
  const seen = replica.revision;
  const done = await transact(link, replica, wish);
  tell('placed', { activity: key, place: free[0][0], free: free.length, revision: done.revision });
  const again = await transact(link, { revision: seen }, wish, done.operation);
  tell('sent_again', { revision: again.revision, same: again.revision === done.revision });
  await replica.until(done.revision);
  tell('confirmed', { place: replica.table('activity').get(key).get('place'), revision: replica.revision });
}

async function main(o) {
  const ca = readFileSync(o.ca);
  const to = { host: o.host, port: Number(o.port), ca };
  const key = newKey();
  const door = { ...to, servername: `enrol.${o.domain}`, ALPNProtocols: ['hp-enrol/1'] };
  const enrolment = await Link.open(door, 'enrolment');
  const enrolled = await enrolment.ask(T.Enrol, Buffer.from(o.ticket, 'hex'), certificateRequest(key), o.device ?? 'interop');
  tell('enrolled', { device: enrolled[2], certificates: enrolled[3].length });
  const own = { ...to, cert: enrolled[3].map(pem).join(''), key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }), ALPNProtocols: ['hp/1'] };
  const home = await Link.open({ ...own, servername: o.domain }, 'controller');
  await signIn(home, o);
  tell('plannings', { names: (await home.ask(T.ListPlannings))[2].map(([name]) => name) });
  const [, , [, port, servername], , ticket] = await home.ask(T.OpenPlanning, o.planning);
  const link = await Link.open({ ...own, port, servername }, 'planning');
  const entered = await link.ask(T.Enter, o.planning, ticket, 0, 0);
  tell('entered', { session: entered[2], epoch: entered[3], revision: entered[4], profile: entered[7], resumed: entered[8] });
  const replica = new Replica();
  let [heard, wake] = [0, () => {}];
  link.pushed = (message) => {
    if (message[0] === T.Behind) link.ask(T.Follow, message[1]).catch((error) => link.end(error));
    if (message[0] !== T.Delta) return;
    for (const one of message[2]) {
      replica.apply(one);
      tell('delta', { revision: one[0], user: one[3], changes: one[6].length });
    }
    heard += message[2].length;
    wake();
  };
  const when = async (reached) => { while (!reached()) await Promise.race([link.gone, new Promise((resolve) => { wake = resolve; })]); };
  replica.until = (revision) => when(() => replica.revision >= revision);
  if (!o['from-zero']) {
    replica.load(await link.ask(T.FetchSnapshot));
    tell('snapshot', { revision: replica.revision, activities: replica.table('activity').size });
  }
  tell('following', { revision: (await link.ask(T.Follow, replica.revision))[2] });
  if (o['from-zero']) await replica.until(entered[4]);
  await place(link, replica);
  const late = new Promise((resolve) => { setTimeout(resolve, 1000 * Number(o.seconds ?? 10)).unref(); });
  await Promise.race([when(() => heard >= Number(o.deltas ?? 1)), late]);
  tell('followed', { transactions: heard, revision: replica.revision });
  await home.ask(T.Logout);
  link.socket.end(); // with close_notify
  tell('left');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const given = process.argv.slice(2);
  const options = Object.fromEntries(given.flatMap((word, i) => (word.startsWith('--') ? [[word.slice(2), given[i + 1] ?? true]] : [])));
  main(options).catch((error) => { tell('failed', { error: error.message }); process.exitCode = 1; process.exit(); });
}
