// Command logcheck checks a whole Jiannuo log over HTTP with Go's own packages: golang.org/x/mod/sumdb/note and
// .../tlog for the checkpoint, the tree, its tiles and its proofs, crypto/ed25519 for every signature. It shares no line
// with Jiannuo. The formats are those of docs/log-format.md.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run logcheck.go -url URL -key VKEY -token FILE
//
// It prints what it found and ends with 0, or says the first thing that is wrong and ends with 1.
//
// Checked: the checkpoint is signed by VKEY; the entries give its root; every tile is what the entries give; every
// entry's inclusion proof, and a consistency proof from every older size; every event's signature by a key that counted
// for its signer at that position; the order of every stream, and of time.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of a tile: 256 hashes

// A server is asked for paths; its answers are trusted in nothing.
type server struct{ url, token string }

func (s server) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", s.url+path, nil)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(path, "/log/tile/entries/") {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, 32<<20))
	if err == nil && answer.StatusCode != 200 {
		err = fmt.Errorf("%s: status %d", path, answer.StatusCode)
	}
	return data, err
}

// tilePath is the path as C2SP tlog-tiles has it: Go's names the tile's height too.
func tilePath(tile tlog.Tile) string {
	if tile.L >= 0 {
		return "/log/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	}
	return "/log/" + strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
}

// Height, ReadTiles and SaveTiles make the server a tlog.TileReader.
func (s server) Height() int { return height }

func (s server) SaveTiles([]tlog.Tile, [][]byte) {}

func (s server) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		found, err := s.get(tilePath(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, found)
	}
	return data, nil
}

// hashes are all stored hashes of a tree, made from its entries.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = h[index]
	}
	return out, nil
}

// open gives the tree of a checkpoint that is signed by the key: origin, size, root, a line each.
func open(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("checkpoint: expected the key's name, a size and a root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 1 {
		return tlog.Tree{}, errors.New("checkpoint: expected a size")
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// bundles gives all entries: each is a big-endian uint16 length and so many bytes, 256 of them in a full bundle.
func (s server) bundles(size int64) (entries [][]byte, err error) {
	for n := int64(0); n<<height < size; n++ {
		tile := tlog.Tile{H: height, L: -1, N: n, W: 1 << height}
		if rest := size - n<<height; rest < 1<<height {
			tile.W = int(rest)
		}
		data, err := s.get(tilePath(tile))
		if err != nil {
			return nil, err
		}
		for i := 0; i < tile.W; i++ {
			if len(data) < 2 || len(data) < 2+int(data[0])<<8+int(data[1]) {
				return nil, fmt.Errorf("entry %d: the bundle ends before it", n<<height+int64(i))
			}
			length := int(data[0])<<8 + int(data[1])
			entries, data = append(entries, data[2:2+length]), data[2+length:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("bundle %d: %d bytes after its last entry", n, len(data))
		}
	}
	return entries, nil
}

// checkTree compares the entries' tree with the signed root, and the tiles that are served with both.
func checkTree(s server, tree tlog.Tree, entries [][]byte) (h hashes, err error) {
	for n, entry := range entries {
		more, err := tlog.StoredHashes(int64(n), entry, h)
		if err != nil {
			return nil, err
		}
		h = append(h, more...)
	}
	for level := 0; tree.N>>(height*level) > 0; level++ {
		count := tree.N >> (height * level)
		for n := int64(0); n<<height < count; n++ {
			tile := tlog.Tile{H: height, L: level, N: n, W: 1 << height}
			if rest := count - n<<height; rest < 1<<height {
				tile.W = int(rest)
			}
			expected, err := tlog.ReadTileData(tile, h)
			if err != nil {
				return nil, err
			}
			served, err := s.get(tilePath(tile))
			if err != nil {
				return nil, err
			}
			if !bytes.Equal(expected, served) {
				return nil, fmt.Errorf("%s: is not what the entries give", tilePath(tile))
			}
		}
	}
	root, err := tlog.TreeHash(tree.N, h)
	if err == nil && root != tree.Hash {
		err = errors.New("root: the entries do not give the root that was signed")
	}
	if err != nil {
		return nil, err
	}
	// Go's own reader of tiles looks at those alone that a question needs, so that it does not stand in for the above.
	_, err = tlog.TileHashReader(tree, s).ReadHashes([]int64{tlog.StoredHashIndex(0, 0), tlog.StoredHashIndex(0, tree.N-1)})
	return h, err
}

func parseHashes(lines []string) (proof []tlog.Hash, err error) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, hash)
	}
	return proof, nil
}

// checkRecord checks the .tlog-proof of an entry (C2SP tlog-proof), checkpoint and all.
func checkRecord(s server, verifier note.Verifier, tree tlog.Tree, index int64, entry []byte) error {
	data, err := s.get(fmt.Sprintf("/log/proof/%d", index))
	if err != nil {
		return err
	}
	parts := strings.SplitN(string(data), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
		return fmt.Errorf("proof %d: expected a tlog-proof of this index", index)
	}
	of, err := open([]byte(parts[1]), verifier)
	if err != nil {
		return fmt.Errorf("proof %d: %w", index, err)
	}
	if of != tree {
		return fmt.Errorf("proof %d: is of another tree", index)
	}
	proof, err := parseHashes(lines[2:])
	if err == nil {
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	}
	if err != nil {
		return fmt.Errorf("proof %d: %w", index, err)
	}
	return nil
}

// checkOlder checks that the tree continues the one of an older size.
func checkOlder(s server, tree tlog.Tree, old int64, h hashes) error {
	root, err := tlog.TreeHash(old, h)
	if err != nil {
		return err
	}
	data, err := s.get(fmt.Sprintf("/log/consistency?from=%d&to=%d", old, tree.N))
	if err != nil {
		return err
	}
	proof, err := parseHashes(strings.Fields(string(data)))
	if err == nil {
		err = tlog.CheckTree(proof, tree.N, tree.Hash, old, root)
	}
	if err != nil {
		return fmt.Errorf("consistency from %d: %w", old, err)
	}
	return nil
}

// A key counts for its body at the positions between since and until, both left out; until 0 is no end.
type key struct {
	body         string
	public       ed25519.PublicKey
	since, until int
}

// keys are those that the log itself named so far, by the thumbprint of RFC 7638.
type keys map[string]*key

func (k keys) add(body, x string, since int) error {
	public, err := base64.RawURLEncoding.Strict().DecodeString(x)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return fmt.Errorf("expected an Ed25519 public key, got %q", x)
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":%q}`, x)))
	kid := base64.RawURLEncoding.EncodeToString(sum[:])
	if k[kid] == nil {
		k[kid] = &key{body, public, since, 0}
	}
	return nil
}

type claims struct {
	Iss, Stream, Prev, Event string
	Version                  int
	Data                     struct {
		Root   string `json:"root_key"`
		Ledger string `json:"ledger_key"`
		Key    string `json:"key"`
		Kid    string `json:"kid"`
	}
}

// checkEvent checks one entry: "<time>\n<compact JWS>\n".
func (k keys) checkEvent(index int, entry []byte, before *string, heads map[string]claims, last map[string]string) error {
	lines := strings.Split(string(entry), "\n")
	if len(lines) != 3 || lines[2] != "" || lines[0] < *before {
		return errors.New("expected a time that does not run backwards and a compact JWS, a line each")
	}
	*before = lines[0]
	parts := strings.Split(lines[1], ".")
	if len(parts) != 3 {
		return errors.New("expected a compact JWS")
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return err
		}
	}
	var header struct{ Alg, Kid, Typ string }
	var said claims
	if err := json.Unmarshal(raw[0], &header); err != nil {
		return err
	}
	if err := json.Unmarshal(raw[1], &said); err != nil {
		return err
	}
	if header.Alg != "Ed25519" || header.Typ != "jiannuo-event+sd-jwt" {
		return errors.New("expected the header of an event")
	}
	body := strings.TrimPrefix(said.Stream, "body/")
	if index == 0 {
		if err := k.add("ledger", said.Data.Root, -1); err != nil {
			return err
		}
		if err := k.add("ledger", said.Data.Ledger, 0); err != nil {
			return err
		}
	}
	signer := k[header.Kid]
	if signer == nil || signer.body != said.Iss || index <= signer.since || (signer.until > 0 && index >= signer.until) {
		return fmt.Errorf("key %s does not count for %s here", header.Kid, said.Iss)
	}
	if !ed25519.Verify(signer.public, []byte(parts[0]+"."+parts[1]), raw[2]) {
		return errors.New("the signature does not verify")
	}
	if said.Version != heads[said.Stream].Version+1 || said.Prev != last[said.Stream] {
		return fmt.Errorf("does not follow version %d of %s", heads[said.Stream].Version, said.Stream)
	}
	sum := sha256.Sum256([]byte(lines[1]))
	heads[said.Stream], last[said.Stream] = said, hex.EncodeToString(sum[:])
	switch said.Event {
	case "KeyAuthorised":
		return k.add(body, said.Data.Key, index)
	case "KeyRevoked":
		if revoked := k[said.Data.Kid]; revoked != nil && revoked.until == 0 {
			revoked.until = index
		}
	}
	return nil
}

func check(s server, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := s.get("/log/checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := open(data, verifier)
	if err != nil {
		return tree, err
	}
	entries, err := s.bundles(tree.N)
	if err != nil {
		return tree, err
	}
	known, before, heads, last := keys{}, "", map[string]claims{}, map[string]string{}
	for index, entry := range entries {
		if err := known.checkEvent(index, entry, &before, heads, last); err != nil {
			return tree, fmt.Errorf("entry %d: %w", index, err)
		}
	}
	h, err := checkTree(s, tree, entries)
	if err != nil {
		return tree, err
	}
	for index, entry := range entries {
		if err := checkRecord(s, verifier, tree, int64(index), entry); err != nil {
			return tree, err
		}
		if err := checkOlder(s, tree, int64(index)+1, h); err != nil {
			return tree, err
		}
	}
	return tree, nil
}

func main() {
	url := flag.String("url", "http://127.0.0.1:8000", "the ledger's address")
	vkey := flag.String("key", "", "the log's verifier key, from a place that you trust")
	file := flag.String("token", "", "file with the auditors' token")
	flag.Parse()
	token, err := os.ReadFile(*file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	tree, err := check(server{strings.TrimSuffix(*url, "/"), strings.TrimSpace(string(token))}, *vkey)
	if err != nil {
		fmt.Println("FAILED", err)
		os.Exit(1)
	}
	fmt.Printf("verified %d entries, root %x\n", tree.N, tree.Hash[:])
}
