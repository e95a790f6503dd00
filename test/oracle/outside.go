// Outside verifiers over a static log, for test/independent-verifiers.test.ts.
//
//	outside fsck DIR ORIGIN VKEY            Tessera's full check of checkpoint, tiles and entry bundles
//	outside proof POLICY ENTRY PROOF        torchwood's check of a tlog-proof under a tlog-policy
//
// Exit code 0 with a last line "verified", 1 with the reason.
package main

import (
	"context"
	"fmt"
	"os"

	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: outside fsck DIR ORIGIN VKEY | outside proof POLICY ENTRY PROOF")
	}
	switch args[0] {
	case "fsck":
		return checkLog(args[1], args[2], args[3])
	case "proof":
		return checkProof(args[1], args[2], args[3])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

func checkLog(dir, origin, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	return fsck.New(origin, verifier, &client.FileFetcher{Root: dir}, hashBundle, fsck.Opts{N: 2}).Check(context.Background())
}

func hashBundle(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(entries.Entries))
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

func checkProof(policyFile, entryFile, proofFile string) error {
	policyText, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(policyText)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	proof, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	return torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof)
}
