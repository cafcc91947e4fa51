package webtest

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// home are the makers' domains that browsers call by themselves, however many
// preferences forbid it.
var home = []string{
	"mozilla.org", "mozilla.com", "mozilla.net", "firefox.com", "mozaws.net",
	"google.com", "googleapis.com", "gstatic.com", "gvt1.com", "googleusercontent.com",
}

// ThirdParty are the destinations other than the allowed one that the page
// made the browser call: those its network events name, and those refused here
// that are not the browser's makers. Hints such as preconnect have no events.
func (p *Proxy) ThirdParty(b *Browser) []string {
	var out []string
	for _, r := range b.Requests() {
		if dest := destination(r.URL); !p.allows(dest) {
			out = append(out, dest)
		}
	}
	for _, dest := range p.Refused() {
		if !callsHome(dest) {
			out = append(out, dest)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func callsHome(dest string) bool {
	host, _, _ := net.SplitHostPort(dest)
	return slices.ContainsFunc(home, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// destination is the HOST:PORT of an address.
func destination(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
