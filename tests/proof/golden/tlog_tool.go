// Command tlog_tool is the other side of the tests of ledger/proof: it makes the golden files, and judges what
// ours made, with Go's golang.org/x/mod/sumdb/{tlog,note} alone. See README.md beside it.
//
//	tlog_tool generate > tlog.json
//	tlog_tool check < cases.json > verdicts.json
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	everySize = 300   // all proofs of all sizes up to this one
	largest   = 70000 // the example of tlog-tiles: partial tiles of three levels
	height    = 8
)

type proof struct {
	Size  int64       `json:"size"`
	Index int64       `json:"index"` // the leaf's index, or the old tree's size
	Proof []tlog.Hash `json:"proof"`
}

// summary holds a SHA-256 over all hashes of the proofs for each index that a step picks: 0, step, 2*step...
// and the last (inclusion); 1, 1+step... and the size itself (consistency).
type summary struct {
	Size        int64     `json:"size"`
	Step        int64     `json:"step"`
	Root        tlog.Hash `json:"root"`
	Inclusion   []byte    `json:"inclusion_sha256"`
	Consistency []byte    `json:"consistency_sha256"`
}

type signed struct {
	Names []string `json:"names"`
	Seeds [][]byte `json:"seeds"`
	Vkeys []string `json:"vkeys"`
	Text  string   `json:"text"`
	Note  string   `json:"note"`
}

type golden struct {
	Summaries   []summary         `json:"summaries"`
	Inclusion   []proof           `json:"inclusion"`
	Consistency []proof           `json:"consistency"`
	TilesSize   int64             `json:"tiles_size"`
	Tiles       map[string][]byte `json:"tiles_sha256"`
	Notes       []signed          `json:"notes"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// hashes is the whole tree in memory, over the entries "entry 0", "entry 1"...
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = h[index]
	}
	return out, nil
}

func grow(size int64) hashes {
	var h hashes
	for n := int64(0); n < size; n++ {
		h = append(h, must(tlog.StoredHashes(n, []byte(fmt.Sprintf("entry %d", n)), h))...)
	}
	return h
}

func steps(first, last, step int64) (out []int64) {
	for n := first; n < last; n += step {
		out = append(out, n)
	}
	return append(out, last)
}

func summarise(h hashes, size, step int64) summary {
	inclusion, consistency := sha256.New(), sha256.New()
	for _, index := range steps(0, size-1, step) {
		for _, hash := range must(tlog.ProveRecord(size, index, h)) {
			inclusion.Write(hash[:])
		}
	}
	for _, old := range steps(1, size, step) {
		for _, hash := range must(tlog.ProveTree(size, old, h)) {
			consistency.Write(hash[:])
		}
	}
	return summary{size, step, must(tlog.TreeHash(size, h)), inclusion.Sum(nil), consistency.Sum(nil)}
}

// cleanPath is the path as tlog-tiles has it: Go's names the tile's height too.
func cleanPath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

func tiles(h hashes, size int64) map[string][]byte {
	out := map[string][]byte{}
	for level := 0; size>>(height*level) > 0; level++ {
		count := size >> (height * level)
		for n := int64(0); n<<height < count; n++ {
			tile := tlog.Tile{H: height, L: level, N: n, W: 1 << height}
			if rest := count - n<<height; rest < 1<<height {
				tile.W = int(rest)
			}
			// Of the many full tiles of level 0 a few are enough.
			if level == 0 && n > 2 && n < 270 {
				continue
			}
			sum := sha256.Sum256(must(tlog.ReadTileData(tile, h)))
			out[cleanPath(tile)] = sum[:]
		}
	}
	return out
}

func signNote(text string, names ...string) signed {
	out := signed{Names: names, Text: text}
	var signers []note.Signer
	for i, name := range names {
		seed := sha256.Sum256([]byte(fmt.Sprintf("seed %d of %s", i, name)))
		key := ed25519.NewKeyFromSeed(seed[:])
		vkey := must(note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey)))
		id := strings.Split(vkey, "+")[1]
		secret := base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...))
		signers = append(signers, must(note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, id, secret))))
		out.Seeds = append(out.Seeds, seed[:])
		out.Vkeys = append(out.Vkeys, vkey)
	}
	out.Note = string(must(note.Sign(&note.Note{Text: text}, signers...)))
	return out
}

func generate() golden {
	h := grow(largest)
	out := golden{TilesSize: largest, Tiles: tiles(h, largest)}
	for size := int64(1); size <= everySize; size++ {
		out.Summaries = append(out.Summaries, summarise(h, size, 1))
	}
	for power := int64(512); power <= 65536; power *= 2 {
		for size := power - 1; size <= power+1; size++ {
			out.Summaries = append(out.Summaries, summarise(h, size, 61))
		}
	}
	out.Summaries = append(out.Summaries, summarise(h, largest, 61))
	for _, size := range []int64{1, 2, 7, 256, everySize, largest} {
		for _, index := range steps(0, size-1, size/3+1) {
			out.Inclusion = append(out.Inclusion, proof{size, index, must(tlog.ProveRecord(size, index, h))})
		}
		for _, old := range steps(1, size, size/3+1) {
			out.Consistency = append(out.Consistency, proof{size, old, must(tlog.ProveTree(size, old, h))})
		}
	}
	out.Notes = []signed{
		signNote("one line\n", "ledger.example"),
		signNote("first\n\n\nafter blank lines, 践诺 龘\n\n", "ledger.example/运城"),
		signNote("two keys\n", "ledger.example", "witness.example/w1"),
		signNote("\n", "a"),
	}
	for _, size := range []int64{1, everySize, largest} {
		root := must(tlog.TreeHash(size, h))
		out.Notes = append(out.Notes, signNote(fmt.Sprintf("ledger.example/log\n%d\n%s\n", size, root), "ledger.example/log"))
	}
	return out
}

type check struct {
	Kind    string            `json:"kind"`
	Note    string            `json:"note"`
	Vkeys   []string          `json:"vkeys"`
	Size    int64             `json:"size"`
	Index   int64             `json:"index"` // the leaf's index, or the old tree's size
	Leaf    tlog.Hash         `json:"leaf"`  // the leaf's hash, or the old tree's root
	Root    tlog.Hash         `json:"root"`
	Proof   []tlog.Hash       `json:"proof"`
	Tiles   map[string][]byte `json:"tiles"`
	Indexes []int64           `json:"indexes"`
}

// Height, ReadTiles and SaveTiles make the case's tiles a tlog.TileReader.
func (c check) Height() int { return height }

func (c check) SaveTiles([]tlog.Tile, [][]byte) {}

func (c check) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		found, ok := c.Tiles[cleanPath(tile)]
		if !ok {
			return nil, errors.New("no tile " + cleanPath(tile))
		}
		data = append(data, found)
	}
	return data, nil
}

func (c check) verdict() error {
	switch c.Kind {
	case "inclusion":
		return tlog.CheckRecord(c.Proof, c.Size, c.Root, c.Index, c.Leaf)
	case "consistency":
		return tlog.CheckTree(c.Proof, c.Size, c.Root, c.Index, c.Leaf)
	case "note":
		var known []note.Verifier
		for _, vkey := range c.Vkeys {
			verifier, err := note.NewVerifier(vkey)
			if err != nil {
				return err
			}
			known = append(known, verifier)
		}
		_, err := note.Open([]byte(c.Note), note.VerifierList(known...))
		return err
	case "tiles":
		// The reader authenticates every tile that it needs against the root.
		reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, c)
		for _, index := range c.Indexes {
			if _, err := tlog.ProveRecord(c.Size, index, reader); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("unknown kind " + c.Kind)
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	switch {
	case len(os.Args) == 2 && os.Args[1] == "generate":
		must(0, encoder.Encode(generate()))
	case len(os.Args) == 2 && os.Args[1] == "check":
		var cases []check
		must(0, json.NewDecoder(os.Stdin).Decode(&cases))
		verdicts := []string{} // "" is accepted, anything else says why not
		for _, c := range cases {
			verdict := ""
			if err := c.verdict(); err != nil {
				verdict = err.Error()
			}
			verdicts = append(verdicts, verdict)
		}
		must(0, encoder.Encode(verdicts))
	default:
		log.Fatal("usage: tlog_tool generate | check")
	}
}
