// Checks events of a log in the browser that shows them, or in Node 20: with WebCrypto, no library and no network.
//
//   const { outcome, groups } = await check(evidence);        // evidence: what /events/<index>/check.json answers
//
// Evidence is the events' signed bytes (compact JWS, RFC 7515), time of recording, signer's key and proof file
// (C2SP tlog-proof), the events that authorised those keys, down to the log's first, and what was pinned: the log's
// keys (vkey) with the index from which each signs, and the witness policy (C2SP tlog-policy). Each finding says what
// was proven, what failed, or what this cannot prove. Formats: docs/log-format.md. One spelling of each is taken.

const ED25519 = 1, COSIGNATURE_V1 = 4, ML_DSA_44 = 6; // signature types (C2SP signed-note, tlog-cosignature)
const MOST_BYTES = 1 << 20, MOST_LINES = 100, MOST_JWS = 65509;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const PROVEN = "proven", FAILED = "failed", OPEN = "open";
const NEEDED = ["authority", "undecided"]; // what is open here leaves the whole check open

class Refused extends Error {
  constructor(zh, en) {
    Object.assign(super(en), { zh, en });
  }
}

function need(condition, zh, en) {
  if (!condition) throw new Refused(zh, en);
}

// --- bytes ----------------------------------------------------------------------------------------------------

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function sha256(...parts) {
  const bytes = Uint8Array.from(parts.flatMap((part) => Array.from(part)));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function fromBase64(text) {
  let raw = "";
  try { raw = atob(text); } catch { /* not base64: told below */ }
  need(raw && btoa(raw) === text, "应为规范的 base64", "expected canonical base64");
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

function fromBase64url(text) {
  need(/^[\w-]+$/.test(text), "应为规范的 base64url", "expected canonical base64url");
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4));
}

function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function number(text) {
  need(/^(0|[1-9]\d{0,18})$/.test(text), "应为十进制数", "expected a decimal number");
  return BigInt(text); // sizes go beyond 2^53
}

// --- Ed25519 (RFC 8032) ---------------------------------------------------------------------------------------

const P = 2n ** 255n - 19n;
const EIGHTH = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n; // y of a point of order 8
const SMALL = [0n, 1n, P - 1n, EIGHTH, P - EIGHTH];

// Under a key of small order a signature can be made without any private key; WebCrypto need not ask.
function isStrong(key) {
  const y = BigInt(`0x${hex(key.slice().reverse())}`) & (2n ** 255n - 1n);
  return y < P && !SMALL.includes(y);
}

async function isSigned(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64 || !isStrong(key)) return false;
  try {
    const found = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", found, signature, message);
  } catch {
    return false; // no point of the curve
  }
}

// Why this browser cannot check, or null.
export async function obstacle() {
  if (!globalThis.crypto?.subtle) {
    return {
      zh: "浏览器只在 https、localhost 和本机文件中提供密码功能（WebCrypto），而本页经普通 http 打开",
      en: "Browsers offer WebCrypto on https, localhost and local files only, and this page came over plain http",
    };
  }
  try {
    const any = fromBase64url("O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik");
    await crypto.subtle.importKey("raw", any, "Ed25519", false, ["verify"]);
    return null;
  } catch {
    return { zh: "此浏览器不认识 Ed25519 签名", en: "This browser does not know Ed25519 signatures" };
  }
}

// --- tree, note, proof file -----------------------------------------------------------------------------------

// The root that a leaf and its inclusion proof lead to (RFC 9162 §2.1.3.2); null if the proof does not fit the place.
async function rootFrom(index, size, leaf, path) {
  let fn = index, sn = size - 1n, r = leaf;
  if (index >= size) return null;
  for (const p of path) {
    if (sn === 0n) return null;
    if (fn & 1n || fn === sn) {
      r = await sha256([1], p, r);
      while (!(fn & 1n) && fn) { fn >>= 1n; sn >>= 1n; }
    } else {
      r = await sha256([1], r, p);
    }
    fn >>= 1n; sn >>= 1n;
  }
  return sn === 0n ? r : null;
}

async function parseVkey(text) {
  const found = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  need(found, "公钥应为 名称+标识+base64", "expected a vkey: name+id+base64");
  const [, name, id, encoded] = found;
  const key = fromBase64(encoded);
  need(hex((await sha256(utf8(`${name}\n`), key)).subarray(0, 4)) === id, "公钥的标识不符", "the vkey's id is wrong");
  return { name, id, kind: key[0], key: key.subarray(1) };
}

// A signed note that is a checkpoint (C2SP signed-note, tlog-checkpoint): its text, and all signature lines.
function parseCheckpoint(note) {
  const at = note.lastIndexOf("\n\n");
  need(at > 0 && note.endsWith("\n") && note.length < MOST_BYTES, "不是签名文本", "not a signed note");
  const text = note.slice(0, at + 1), lines = note.slice(at + 2, -1).split("\n");
  const [origin, size, root] = text.split("\n");
  need(lines.length <= MOST_LINES && text.split("\n").length >= 4, "不是检查点", "not a checkpoint");
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    need(found, "签名行格式有误", "a signature line is malformed");
    const raw = fromBase64(found[2]);
    return { name: found[1], id: hex(raw.subarray(0, 4)), signature: raw.subarray(4) };
  });
  const parsed = { text, origin, size: number(size), root: fromBase64(root), signatures };
  need(parsed.root.length === 32, "检查点的根应为 32 字节", "a checkpoint's root has 32 bytes");
  return parsed;
}

function parseProof(text) {
  const at = text.indexOf("\n\n"), lines = text.slice(0, at).split("\n");
  need(at > 0 && lines.shift() === "c2sp.org/tlog-proof@v1", "不是存在证明文件", "not a tlog-proof");
  if (lines[0]?.startsWith("extra ")) lines.shift(); // opaque data that nothing signs
  need(lines[0]?.startsWith("index "), "存在证明缺少序号", "the proof has no index");
  const path = lines.slice(1).map(fromBase64);
  need(path.length < 64 && path.every((p) => p.length === 32), "散列应为 32 字节", "a hash has 32 bytes");
  return { index: number(lines[0].slice(6)), path, note: text.slice(at + 2) };
}

// --- policy (C2SP tlog-policy) --------------------------------------------------------------------------------

async function parsePolicy(text) {
  const witnesses = new Map(), groups = new Map(), members = new Set(), keys = new Set();
  const known = (name) => witnesses.has(name) || groups.has(name);
  const right = (condition, line) => need(condition, `见证策略有误：${line}`, `the witness policy is wrong: ${line}`);
  let quorum = null;
  right(text.length < MOST_BYTES, "");
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (!word || word.startsWith("#")) continue;
    const [name, second, ...names] = rest;
    if (word === "log" || word === "witness") {
      const vkey = await parseVkey(word === "log" ? name ?? "" : second ?? "");
      const kinds = word === "log" ? { [ED25519]: 32 } : { [COSIGNATURE_V1]: 32, [ML_DSA_44]: 1312 };
      const own = hex(vkey.key), most = word === "log" ? 2 : 3;
      right(kinds[vkey.kind] === vkey.key.length && !keys.has(own) && rest.length <= most, line);
      keys.add(own);
      if (word === "log") continue; // the log's keys are pinned
      right(name !== "none" && !known(name), line);
      witnesses.set(name, vkey);
    } else if (word === "group") {
      const wanted = { any: 1, all: names.length }[second] ?? (/^[1-9]\d{0,3}$/.test(second) ? Number(second) : 0);
      right(name !== "none" && !known(name) && wanted >= 1 && wanted <= names.length, line);
      for (const member of names) {
        right(known(member) && !members.has(member), line);
        members.add(member);
      }
      groups.set(name, { wanted, names });
    } else {
      right(word === "quorum" && quorum === null && rest.length === 1 && (name === "none" || known(name)), line);
      quorum = name;
    }
  }
  right(quorum !== null, "quorum");
  const met = (seen, name = quorum) => name === "none" || seen.has(name)
    || (groups.has(name) && groups.get(name).names.filter((n) => met(seen, n)).length >= groups.get(name).wanted);
  return { witnesses, quorum, met };
}

// --- findings -------------------------------------------------------------------------------------------------

class Group {
  constructor(zh, en) {
    Object.assign(this, { title: { zh, en }, findings: [] });
  }

  add(outcome, code, zh, en) {
    this.findings.push({ outcome, code, zh, en });
  }

  judge(holds, code, right, wrong) {
    this.add(holds ? PROVEN : FAILED, code, ...(holds ? right : wrong));
  }

  get sound() {
    return this.findings.every((f) => f.outcome !== FAILED);
  }

  // Runs a part of the check; what cannot even be read fails.
  async part(code, body) {
    try {
      await body();
    } catch (error) {
      this.add(FAILED, code, `无法读懂：${error.zh ?? error.message}`, `It cannot be read: ${error.message}`);
    }
  }
}

async function checkHead(note, pinned) {
  const group = Object.assign(new Group("检查点", "Checkpoint"), { witnessed: false });
  await group.part("checkpoint", async () => {
    const head = parseCheckpoint(note), { origin, size } = head;
    Object.assign(group, { head, title: { zh: `检查点，共 ${size} 条`, en: `Checkpoint of ${size} entries` } });
    if (origin !== pinned.origin) {
      group.add(FAILED, "origin", `检查点属于另一日志：${origin}`, `The checkpoint is of another log: ${origin}`);
    }
    const keyOf = async ({ vkey, index }) => ({ ...await parseVkey(vkey), from: BigInt(index) });
    const keys = await Promise.all(pinned.log_keys.map(keyOf));
    const due = keys.filter((k) => k.from < size).at(-1), good = [];
    for (const line of head.signatures) {
      const key = keys.find((k) => k.name === line.name && k.id === line.id);
      if (key) good.push(key.kind === ED25519 && await isSigned(key.key, line.signature, utf8(head.text)) ? key : null);
    }
    group.judge(due?.name === pinned.origin && good.includes(due) && !good.includes(null), "checkpoint",
      [`由固定的日志公钥 ${due?.name}+${due?.id} 签名`, `It is signed by the pinned log key ${due?.name}+${due?.id}`],
      ["没有固定的日志公钥的有效签名", "It has no valid signature by the pinned log key"]);
    await group.part("policy", () => checkWitnesses(group, head, pinned.policy));
  });
  return group;
}

async function checkWitnesses(group, head, text) {
  if (text === null) {
    group.add(OPEN, "quorum", "没有见证策略，未核对见证", "There is no witness policy: no witness was checked");
    return;
  }
  const policy = await parsePolicy(text), seen = new Set(), unsure = new Set();
  for (const [name, key] of policy.witnesses) {
    for (const { signature } of head.signatures.filter((s) => s.name === key.name && s.id === key.id)) {
      if (key.kind === ML_DSA_44) {
        unsure.add(name);
        group.add(OPEN, "ml-dsa", `见证者 ${name} 用 ML-DSA-44 签名，浏览器不能核对，不计入`,
          `Witness ${name} signed with ML-DSA-44, which browsers cannot check: not counted`);
        continue;
      }
      const time = BigInt(`0x${hex(signature.subarray(0, 8)) || "0"}`);
      const message = utf8(`cosignature/v1\ntime ${time}\n${head.text}`);
      const good = time < 2n ** 63n && await isSigned(key.key, signature.subarray(8), message);
      const at = time < 2n ** 33n ? new Date(Number(time) * 1000).toISOString() : String(time);
      if (good) seen.add(name);
      group.judge(good, "witness",
        [`见证者 ${name} 于 ${at} 见过此检查点`, `Witness ${name} saw this checkpoint at ${at}`],
        [`见证者 ${name} 的签名无效`, `The signature of witness ${name} is wrong`]);
    }
  }
  if (policy.quorum === "none") {
    group.add(OPEN, "quorum", "见证策略不要求见证", "The witness policy asks for no witness");
  } else if (policy.met(seen)) {
    group.witnessed = true;
    group.add(PROVEN, "quorum", "见证者达到策略所要求的数目", "As many witnesses signed as the policy asks for");
  } else if (policy.met(new Set([...seen, ...unsure]))) {
    group.add(OPEN, "undecided", "是否达到所要求的见证，取决于浏览器不能核对的签名，请用命令核对",
      "Whether enough witnesses signed depends on signatures that browsers cannot check: use the command");
  } else {
    group.add(FAILED, "quorum", "见证者未达到策略所要求的数目（若刚刚记录，请稍后再试）",
      "Fewer witnesses signed than the policy asks for (of what is quite new, try again later)");
  }
}

// The JWS of an item: header, payload as text and as claims; findings on signature and key id.
async function checkSignature(group, item) {
  const parts = item.jws.split(".");
  need(parts.length === 3 && item.jws.length <= MOST_JWS, "不是紧凑 JWS", "not a compact JWS");
  const read = (part) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64url(part));
  const header = JSON.parse(read(parts[0])), { kty, crv, x } = item.key;
  const form = header.alg === "Ed25519" && header.typ === "jiannuo-event+sd-jwt" && Object.keys(header).length === 3;
  need(form && kty === "OKP" && crv === "Ed25519", "头部或公钥不是本格式", "header or key is not of this format");
  const own = toBase64url(await sha256(utf8(JSON.stringify({ crv, kty, x })))); // RFC 7638 §3
  group.judge(header.kid === own, "kid",
    ["头部所写的密钥标识正是此公钥的指纹（RFC 7638）", "The key id in the header is this key’s thumbprint (RFC 7638)"],
    ["头部所写的密钥标识不是此公钥的指纹", "The key id in the header is not this key’s thumbprint"]);
  const good = await isSigned(fromBase64url(x), fromBase64url(parts[2]), utf8(`${parts[0]}.${parts[1]}`));
  group.judge(good, "signature",
    ["签名出自此公钥，内容自签署以来未变", "The signature is by this key, and what it says is unchanged since"],
    ["签名与此公钥和内容不符", "The signature does not fit key and content"]);
  group.payload = read(parts[1]);
  const claims = JSON.parse(group.payload);
  need(claims?.data?.constructor === Object, "载荷不是事件", "the payload is no event");
  group.claims = claims;
}

async function checkPlace(group, item, headOf) {
  const { index, path, note } = parseProof(item.proof), head = await headOf(note);
  const form = item.leaf ? /^[0-9a-f]{64}$/.test(item.leaf) : TIME.test(item.recorded_at);
  need(form, "叶哈希或记录时间格式有误", "leaf hash or time of recording is malformed");
  const leaf = item.leaf ? Uint8Array.from(item.leaf.match(/../g), (b) => parseInt(b, 16))
    : await sha256([0], utf8(`${item.recorded_at}\n${item.jws}\n`)); // RFC 6962 §2.1
  const root = head.head && await rootFrom(index, head.head.size, leaf, path);
  const size = head.head?.size, within = `${index} 号（共 ${size} 条）`, place = `index ${index} of ${size} entries`;
  if (head.head && !head.sound) {
    group.add(FAILED, "inclusion", "所依据的检查点未通过核对", "The checkpoint that its proof relies on did not pass");
    return;
  }
  group.judge(index === BigInt(item.index) && root && hex(root) === hex(head.head.root), "inclusion", item.leaf
    ? [`叶哈希位于日志第 ${within}`, `The leaf hash is in the log, at ${place}`]
    : [`内容与记录时间 ${item.recorded_at} 位于日志第 ${within}`,
      `Content and time of recording, ${item.recorded_at}, are in the log, at ${place}`],
  ["存在证明不成立：检查点的树中，此序号处不是这些字节",
    "The inclusion proof fails: these bytes are not at this index of the checkpoint’s tree"]);
}

// Whether the key counted for the signer here: the event that authorised it comes along and was checked before.
function checkAuthority(group, item, known, pinned) {
  const { claims } = group, { x } = item.key, from = item.authorised_at;
  const own = known.get(from), said = own?.claims;
  if (item.revoked_at !== null && item.revoked_at <= item.index) {
    group.add(FAILED, "revoked", `事件 ${item.revoked_at} 撤销了此密钥`, `Event ${item.revoked_at} revoked this key`);
  }
  if (item.index === 0 && claims.event === "LedgerFounded" && claims.data.root_key === x) {
    group.judge(claims.data.origin === pinned.origin && claims.data.log_key === pinned.log_keys[0]?.vkey, "founding",
      ["日志的创立事件：其中的日志公钥就是最初固定的公钥", "The founding event names the first of the pinned log keys"],
      ["创立事件中的日志公钥不是固定的公钥", "The founding event names another log key than the pinned one"]);
    return;
  }
  if (!own) {
    group.add(OPEN, "authority", "授权此密钥的事件未随附", "The event that authorised this key does not come along");
    return;
  }
  const given = said?.event === "KeyAuthorised" ? said.data.key // of the body whose stream it is
    : said?.event === "LedgerFounded" && from === 0 && said.data[claims.cause ? "ledger_key" : "root_key"];
  group.judge(own.sound && from < item.index && said.stream === `body/${claims.iss}` && given === x, "authority",
    [`事件 ${from} 把此密钥授权给 ${claims.iss}，该事件亦已核对`,
      `Event ${from} authorised this key for ${claims.iss}, and was checked too`],
    [`事件 ${from} 没有把此密钥授权给 ${claims.iss}，或未通过核对`,
      `Event ${from} did not authorise this key for ${claims.iss}, or did not pass`]);
}

function unproven(groups, evidence) {
  const group = new Group("未证明的", "What this does not prove"), add = (...words) => group.add(OPEN, ...words);
  if (groups.some((g) => g.claims)) {
    add("words", "本页文字如实转述了签署内容：请与上面“所核对的签署内容”比对",
      "That the words of this page say what was signed: compare them with the signed content above");
    add("truth", "内容属实：签名只证明谁说了什么", "That it is true: a signature shows who said what");
    add("revocation", "密钥此前未被撤销、授权者当时有权授权：这要核对整个日志（jiannuo verify）",
      "That the key was not revoked before, by one who might authorise it: that takes the whole log (jiannuo verify)");
  }
  if (evidence.events.some((item) => item.leaf)) {
    add("closed", "不公开的事件说了什么、由谁签署", "What an event that is not public says, and who signed it");
  }
  add("complete", "没有遗漏：此后可能已有撤回、修复或更改，请看账本",
    "That nothing is left out: later events may have withdrawn, repaired or changed this; look at the ledger");
  if (groups.some((g) => g.witnessed === false)) {
    add("fork", "别人看到的是同一日志：见证不足时，账本可以给不同的人看不同的日志",
      "That others see the same log: without enough witnesses a ledger could show each of us another one");
  }
  add("pinned", "固定的公钥和本脚本可信：它们与本页同出一处，请与从别处得到的比对",
    "That the pinned keys and this script are right: they come from where this page comes from; compare them");
  return group;
}

// All findings on the evidence, in groups: events, the events that authorised their keys, checkpoints, what is open.
export async function check(evidence) {
  const { pinned, authorities, events } = evidence, heads = new Map(), known = new Map(), found = [];
  const headOf = async (note) => {
    if (!heads.has(note)) heads.set(note, await checkHead(note, pinned));
    return heads.get(note);
  };
  const one = async (item, title) => {
    const group = new Group(`${title.zh} ${item.index}`, `${title.en} ${item.index}`);
    if (!item.leaf) await group.part("signature", () => checkSignature(group, item));
    await group.part("inclusion", () => checkPlace(group, item, headOf));
    if (group.claims) await group.part("authority", () => checkAuthority(group, item, known, pinned));
    return group;
  };
  for (const item of [...authorities].sort((a, b) => a.index - b.index)) {
    known.set(item.index, await one(item, { zh: "授权密钥的事件", en: "Event that authorised a key:" }));
  }
  for (const item of events) found.push(await one(item, { zh: "事件", en: "Event" }));
  const groups = [...found, ...known.values(), ...heads.values()];
  const isLack = (f) => f.outcome === OPEN && NEEDED.includes(f.code);
  const lacks = !events.length || groups.some((g) => g.findings.some(isLack));
  const outcome = groups.some((g) => !g.sound) ? FAILED : lacks ? OPEN : PROVEN;
  return { outcome, groups: [...groups, unproven(groups, evidence)] };
}

// In a page, for the script after this one: what stands in the page itself cannot be imported.
globalThis.jiannuo = { check, obstacle };
