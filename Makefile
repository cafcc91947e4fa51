# Ashpost. `make run` and `make test` are all a newcomer needs; `make help`
# lists the rest. Nothing here writes outside this folder, except that
# `make test` installs its tools from the distribution when run by root.

PREVIEW ?= 127.0.0.1:8080
DATA    ?= data
GO_WANT := 1.26

# The architecture of `make binary`, and whether a Tor to embed was built for
# this machine's own.
ARCH     ?= $(shell go env GOARCH 2>/dev/null)
EMBEDTOR  = $(wildcard onion/static/tor-$(shell go env GOARCH 2>/dev/null).zst)
# The same bytes wherever and by whomever they are built.
STATIC   := CGO_ENABLED=0 GOAMD64= GOARM64= GOEXPERIMENT= GOOS=linux
LDFLAGS  := -s -w -buildid=
# Onion services speak HTTP/1.1: without HTTP/2 half a megabyte goes.
TAGS     := embedtor,nethttpomithttp2
# What is linked but hardly runs is not inlined: another 0.5 MB.
COLD     := google.golang.org/protobuf/... github.com/alecthomas/kong crypto/tls crypto/x509 \
	golang.org/x/net/http2 golang.org/x/net/idna golang.org/x/text/... golang.org/x/crypto/acme/... \
	github.com/cretz/bine/... encoding/xml encoding/asn1 math/big ashpost/cmd/ashpost

.PHONY: help run demo build binary tor-check tor-lock release test test-go test-web test-e2e \
	test-binary reproduce bench bench-tor crash fuzz frontend tor go-version clean

help:
	@echo 'make run       start the service: fetches Tor into build/, builds, publishes'
	@echo 'make demo      the same on a private Tor network; needs no internet'
	@echo 'make test      every test, browsers and a private Tor network included'
	@echo 'make build     ./ashpost alone'
	@echo 'make binary    build/ashpost-linux-ARCH, with Tor inside; ARCH=amd64 or arm64'
	@echo 'make test-binary  the tests of what `make binary` builds'
	@echo 'make reproduce that binary twice from nothing: the same bytes, or an error'
	@echo 'make tor-check compare the lock of that Tor with what the archive offers now'
	@echo 'make tor-lock  renew that lock, and build'
	@echo 'make release   both architectures with checksums, signed: KEY=FILE'
	@echo 'make bench     the benchmarks, beside their floors'
	@echo 'make bench-tor the one of them that goes through Tor'
	@echo 'make crash     200 rounds of kill -9 at random moments'
	@echo 'make fuzz      each fuzz test for ten seconds'
	@echo 'make frontend  rebuild webui/dist from webui/frontend (needs npm)'
	@echo 'make clean     remove what was built; the data folder stays'

run: build
	@$(if $(EMBEDTOR),,onion/fetch-tor.sh build/tor)
	@umask 077; exec ./ashpost serve --data "$(DATA)" --preview "$(PREVIEW)" --volatile-if-needed

demo: build tor
	@go build -trimpath -o build/demo ./cmd/demo
	@exec build/demo --ashpost ./ashpost

build: go-version
	@go build -trimpath $(if $(EMBEDTOR),-tags embedtor) -o ashpost ./cmd/ashpost

# One file that runs on any Linux of that architecture, with nothing installed.
binary: go-version
	@onion/static/build.sh "$(ARCH)" build/static-tor
	@$(STATIC) GOARCH="$(ARCH)" go build -trimpath -buildvcs=true -tags $(TAGS) -ldflags '$(LDFLAGS)' $(COLD:%=-gcflags=%=-l) -o build/ashpost-linux-$(ARCH) ./cmd/ashpost
	@go test -count=1 -run '^TestBuiltIsTheLocks$$' ./onion >/dev/null || { echo 'ashpost: the embedded Tor is not the one of the lock' >&2; exit 1; }
	@echo "ashpost: build/ashpost-linux-$(ARCH), $$(wc -c <build/ashpost-linux-$(ARCH)) bytes"

tor-check:
	@onion/static/check.sh

tor-lock:
	@onion/static/check.sh renew
	@onion/static/build.sh amd64 build/static-tor relock
	@onion/static/build.sh arm64 build/static-tor relock

# The distribution's Tor, unpacked and never installed, so that no daemon
# contacts the Tor network by itself.
tor:
	@onion/fetch-tor.sh build/tor

go-version:
	@command -v go >/dev/null || { echo "ashpost: Go is missing; install Go $(GO_WANT) or newer from https://go.dev/dl and put it on PATH." >&2; exit 1; }
	@have=$$(go env GOVERSION 2>/dev/null | sed 's/^go//'); \
	[ "$$(printf '%s\n%s\n' "$(GO_WANT)" "$$have" | sort -V | head -n 1)" = "$(GO_WANT)" ] || \
	{ echo "ashpost: Go $(GO_WANT) or newer is needed, this is $${have:-older than that}; install one from https://go.dev/dl and put it on PATH." >&2; exit 1; }

# Archives of both architectures, their sources, checksums and a signature.
release: go-version
	@.ci/release "$(KEY)"

test: go-version
	@.ci/tools
	@$(MAKE) --no-print-directory tor test-web test-go test-e2e

# Unit, property, vector and command-line tests, with the race detector.
test-go:
	go vet ./...
	@test -z "$$(gofmt -l cmd onion vault webui)" || { echo "ashpost: not gofmt-ed:"; gofmt -l cmd onion vault webui; exit 1; }
	go test -race -timeout 18m $$(go list ./... | grep -v /e2e)

# The TypeScript side: types, vectors, and that the committed bundle is what
# the sources give.
test-web: webui/frontend/node_modules/.package-lock.json
	cd webui/frontend && npm run --silent check
	go run ./webui/frontend/build -test
	go run ./webui/frontend/build -check

# Whole processes on a private Tor network, in real browsers; axe-core, of the
# packages of npm, looks at every view.
test-e2e: tor webui/frontend/node_modules/.package-lock.json
	go test -count=1 -timeout 18m ./cmd/ashpost/internal/e2e

# What `make binary` builds, on a private Tor network; what is for arm64 runs in
# qemu elsewhere. The last figures are a start from memory and from a file.
HERE = $(filter $(ARCH),$(shell go env GOARCH 2>/dev/null))
test-binary: binary tor
	@test $$(wc -c <build/ashpost-linux-$(ARCH)) -lt 20000000 || { echo 'ashpost: the program is larger than 20 MB' >&2; exit 1; }
	ASHPOST_BINARY=$(CURDIR)/build/ashpost-linux-$(ARCH) $(if $(HERE),,.ci/with-qemu) \
		go test -count=1 -run '^Test(CommandLine|StartStopStart|StandardTools|TorInside)' ./cmd/ashpost/internal/e2e
	$(if $(HERE),go test -count=1 -tags embedtor -bench '^BenchmarkStart$$' ./onion)

reproduce: go-version
	@.ci/reproduce "$(ARCH)"

frontend: go-version webui/frontend/node_modules/.package-lock.json
	go run ./webui/frontend/build

webui/frontend/node_modules/.package-lock.json: webui/frontend/package-lock.json
	@command -v npm >/dev/null || { echo "ashpost: npm is missing; apt-get install npm" >&2; exit 1; }
	cd webui/frontend && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

bench: go-version
	go test -run '^$$' -bench . -benchmem -timeout 30m ./webui ./vault ./cmd/ashpost ./cmd/ashpost/internal/seal
	@$(MAKE) --no-print-directory bench-tor

# The service and a bare server, each behind a Tor on a private network: it needs
# the distribution's Tor, which `make tor` fetches, no internet beside that, and no
# browser.
bench-tor: go-version tor
	go test -run '^$$' -bench '^BenchmarkThroughTor$$' -benchtime 5s -timeout 10m ./cmd/ashpost/internal/e2e

crash: go-version
	ASHPOST_CRASH_ROUNDS=200 go test -count=1 -v -run '^TestKill$$' ./vault

# Left alone, making one large input smaller would take all of its ten seconds. On a
# busy machine Go takes their end for a failure, and then names no input.
fuzz: go-version
	@for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "$$p $$f"; \
			out=$$(go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s -fuzzminimizetime 100x $$p 2>&1); failed=$$?; \
			echo "$$out"; \
			[ $$failed = 0 ] || echo "$$out" | grep -q '^    context deadline exceeded$$' || exit 1; \
		done; done

clean:
	rm -rf ashpost build webui/frontend/node_modules onion/static/*.zst
