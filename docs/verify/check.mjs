// Checks one event of a Jiannuo log with WebCrypto alone: no library, no program of ours. Node 20 or newer:
//     node check.mjs URL INDEX VKEY          VKEY: the log's verifier key, from a place that you trust
// The formats are those of docs/log-format.md. It ends with 0, or says the first thing that is wrong and ends with 1.
const [url, index, vkey] = process.argv.slice(2);
const { subtle } = globalThis.crypto;
const utf8 = (text) => new TextEncoder().encode(text);
const bytes = (base64) => Uint8Array.from(Buffer.from(base64, "base64")); // takes base64url too
const same = (a, b) => Buffer.compare(a, b) === 0;
const join = (...parts) => Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
const sha256 = async (data) => new Uint8Array(await subtle.digest("SHA-256", data));
const need = (holds, what) => { if (!holds) throw new Error(what); };

async function get(path) {
  const answer = await fetch(url + path);
  need(answer.ok, `${path}: status ${answer.status}`);
  return answer.text();
}

async function signed(key, signature, message) {
  const imported = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

// C2SP signed-note and tlog-checkpoint: "origin\nsize\nroot\n", a blank line, "— name base64(key id, signature)" lines.
async function checkpoint(note) {
  const [name, id, ...rest] = vkey.split("+");
  const typed = bytes(rest.join("+")); // 0x01 (Ed25519) and the public key
  const keyId = (await sha256(join(utf8(name + "\n"), typed))).slice(0, 4);
  need(typed.length === 33 && typed[0] === 1 && Buffer.from(keyId).toString("hex") === id, "VKEY is no vkey");
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  let found = false;
  for (const line of note.slice(end + 2).trimEnd().split("\n")) {
    const [dash, signer, data] = line.split(" ");
    need(dash === "—" && data, "the checkpoint is no signed note");
    const raw = bytes(data);
    if (signer !== name || !same(raw.slice(0, 4), keyId)) continue; // a witness, or nobody whom we know
    need(await signed(typed.slice(1), raw.slice(4), utf8(text)), "the checkpoint's signature does not verify");
    found = true;
  }
  const [origin, size, root] = text.split("\n");
  need(found && origin === name, "the checkpoint is not signed by VKEY");
  return { size: Number(size), root: bytes(root) };
}

// RFC 9162 §2.1.3.2, over the hashes of RFC 6962 §2.1.
async function included(position, size, leaf, proof, root) {
  let [fn, sn, r] = [position, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = await sha256(join([1], p, r));
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      r = await sha256(join([1], r, p));
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return position < size && sn === 0 && same(r, root);
}

// One event: its signature, its place in the log. Gives what it says, and who is said to have authorised its key.
async function event(position) {
  const jws = await get(`/events/${position}.jws`);
  const told = JSON.parse(await get(`/events/${position}.json`)); // hints; each is checked below
  const [head, payload, signature] = jws.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url"));
  const thumbprint = await sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${told.key.public}"}`)); // RFC 7638
  need(header.alg === "Ed25519" && same(bytes(header.kid), thumbprint), `event ${position}: not the key that it names`);
  const holds = await signed(bytes(told.key.public), bytes(signature), utf8(`${head}.${payload}`));
  need(holds, `event ${position}: the signature does not verify`);
  const proof = await get(`/log/proof/${position}`); // C2SP tlog-proof
  const cut = proof.indexOf("\n\n");
  const [first, at, ...hashes] = proof.slice(0, cut).split("\n");
  need(first === "c2sp.org/tlog-proof@v1" && at === `index ${position}`, `event ${position}: not its proof`);
  const { size, root } = await checkpoint(proof.slice(cut + 2));
  const leaf = await sha256(join([0], utf8(`${told.recorded_at}\n${jws}\n`)));
  need(await included(position, size, leaf, hashes.map(bytes), root), `event ${position}: is not in the signed tree`);
  return { said: JSON.parse(Buffer.from(payload, "base64url")), key: told.key, at: told.recorded_at, size };
}

try {
  for (let position = Number(index), asked = null; ; ) {
    const { said, key, at, size } = await event(position);
    if (asked) { // this event has to be what gave the key of the one before
      const { data, stream } = said;
      const given = position ? [data.key] : [data.root_key, data.ledger_key];
      need(stream === `body/${asked.iss}` && given.includes(asked.x), `event ${position}: does not authorise the key`);
    }
    console.log(`${position} ${said.event} ${said.stream} ${said.iss} ${at}`);
    console.log(`  signature verified; in the log of size ${size}, signed by ${vkey.split("+")[0]}`);
    if (position === 0) break;
    need(key.from_index < position, `event ${position}: its key came later`);
    asked = { iss: said.iss, x: key.public };
    position = key.from_index;
  }
  console.log("verified down to the founding; not proved here: that no key was revoked in between, and no fact's truth");
} catch (error) {
  console.log(`FAILED ${error.message}`);
  process.exitCode = 1;
}
