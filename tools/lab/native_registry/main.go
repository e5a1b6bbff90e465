// A registry with the referrers API for `make conformance`: two implementations by others, each in
// memory, behind one flag. They differ where clients trip: ociregistry answers as the distribution
// specification says; go-containerregistry names the config's media type as a referrer's
// artifactType and never sends OCI-Subject.
//
// usage: native_registry ociregistry|go-containerregistry ADDRESS:PORT
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	"github.com/google/go-containerregistry/pkg/registry"
)

func handler(name string) (http.Handler, error) {
	switch name {
	case "ociregistry":
		return ociserver.New(ocimem.New(), nil), nil
	case "go-containerregistry":
		return registry.New(
			registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))), nil
	}
	return nil, fmt.Errorf("no registry is called %q", name)
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: native_registry ociregistry|go-containerregistry ADDRESS:PORT")
	}
	served, err := handler(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[2], served))
}
