package seal

import (
	"encoding/hex"
	"strings"
)

// Published addresses would be somebody's; this one is of a key of 32 bytes 0x01.
const testOnion = "http://aeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaeaqcaibaea37ead.onion"

const (
	testReference = "AAECAwQFBgcICQoLDA0ODw"
	testToken     = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8"
	testPath      = "/m/" + testReference
	testLink      = testOnion + testPath + "#1" + testToken
	testControl   = testOnion + "/c/" + testReference + "#1" + testToken
)

func goodLinks() (links []linkVector) {
	add := func(name, link, canonical string) {
		if canonical == "" {
			canonical = link
		}
		ref, _ := hex.DecodeString("000102030405060708090a0b0c0d0e0f")
		links = append(links, linkVector{
			Name: name, Link: link, Canonical: canonical,
			Service: canonical[:strings.Index(canonical, "/m/")], Passphrase: strings.HasSuffix(canonical, ".p"),
			Reference: hex.EncodeToString(ref), Secret: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		})
	}
	tail := testPath + "#1" + testToken
	add("plain", testLink, "")
	add("extra passphrase", testLink+".p", "")
	add("white space around", " \t\r\n"+testLink+"\r\n", testLink)
	add("scheme in upper case", "HTTP"+strings.TrimPrefix(testLink, "http"), testLink)
	add("host in upper case", "Http://"+strings.ToUpper(testOnion[7:])+tail, testLink)
	add("loopback with port", "http://127.0.0.1:8080"+tail, "")
	add("loopback without port", "http://127.0.0.1"+tail, "")
	add("loopback with port 80", "http://127.0.0.1:80"+tail, "http://127.0.0.1"+tail)
	add("loopback by name", "http://LocalHost:8080"+tail, "http://localhost:8080"+tail)
	add("loopback IPv6", "http://[::1]:8080"+tail, "")
	add("loopback IPv6 without port", "http://[::1]"+tail, "")
	return links
}

func goodControlLinks() []linkVector {
	l := goodLinks()[0]
	l.Link, l.Canonical = testControl, testControl
	return []linkVector{l}
}

func badLinks() (links []badLinkVector) {
	add := func(code, name, link string) { links = append(links, badLinkVector{name, link, code}) }
	tail := testPath + "#1" + testToken
	host := testOnion[len("http://"):]
	add("empty", "nothing", "")
	add("empty", "white space only", " \r\n\t")
	add("characters", "broken over two lines", testLink[:90]+"\n"+testLink[90:])
	add("characters", "a word behind it", testLink+" please")
	add("characters", "no-break space around", "\u00a0"+testLink)
	add("characters", "zero-width space", testLink+"\u200b")
	add("characters", "Persian digit", testOnion+testPath+"#۱"+testToken)
	add("scheme", "https", "https"+strings.TrimPrefix(testLink, "http"))
	add("scheme", "no scheme", host+tail)
	add("scheme", "in angle brackets", "<"+testLink+">")
	add("scheme", "shorter than a scheme", "http:/")
	add("host", "no host", "http://"+tail)
	add("host", "clearnet", "http://example.com"+tail)
	add("host", "old onion address", "http://expyuzz4wqqyqhjn.onion"+tail)
	add("host", "onion without its last character", "http://"+strings.Replace(host, "d.onion", ".onion", 1)+tail)
	add("host", "onion of another version", "http://"+strings.Replace(host, "d.onion", "e.onion", 1)+tail)
	add("host", "onion with a character outside base32", "http://1"+host[1:]+tail)
	add("host", "onion with a port", testOnion+":80"+tail)
	add("host", "onion with a subdomain", "http://www."+host+tail)
	add("host", "onion with a trailing dot", testOnion+"."+tail)
	add("host", "user name", "http://user@"+host+tail)
	add("host", "another loopback address", "http://127.0.0.2:8080"+tail)
	add("host", "loopback, port 0", "http://127.0.0.1:0"+tail)
	add("host", "loopback, port too large", "http://127.0.0.1:65536"+tail)
	add("host", "loopback, port with a leading zero", "http://127.0.0.1:080"+tail)
	add("host", "loopback, empty port", "http://127.0.0.1:"+tail)
	add("host", "loopback IPv6 without brackets", "http://::1"+tail)
	add("host", "host cut off by #", "http://#1"+testToken)
	add("onion-checksum", "one character mistyped", "http://b"+host[1:]+tail)
	add("query", "fragment in the query", testOnion+testPath+"?1"+testToken)
	add("query", "tracking parameter", testOnion+testPath+"?utm=1#1"+testToken)
	add("query", "query directly behind the host", testOnion+"?x#1"+testToken)
	add("path", "start page", testOnion+"/")
	add("path", "nothing behind the host", testOnion)
	add("path", "another page", testOnion+"/how#1"+testToken)
	add("path", "path in upper case", testOnion+"/M/"+testReference+"#1"+testToken)
	add("control-link", "control link", testControl)
	add("fragment", "no fragment", testOnion+testPath)
	add("fragment", "empty fragment", testOnion+testPath+"#")
	add("fragment", "# percent-encoded", testOnion+testPath+"%231"+testToken)
	add("fragment", "reference cut off", testOnion+"/m/AAEC")
	add("reference", "15 bytes", testOnion+"/m/AAECAwQFBgcICQoLDA0O#1"+testToken)
	add("reference", "17 bytes", testOnion+"/m/AAECAwQFBgcICQoLDA0ODxA#1"+testToken)
	add("reference", "no reference", testOnion+"/m/#1"+testToken)
	add("reference", "trailing bits", testOnion+"/m/AAECAwQFBgcICQoLDA0ODx#1"+testToken)
	add("reference", "padded base64", testOnion+testPath+"==#1"+testToken)
	add("reference", "standard base64 alphabet", testOnion+"/m/++ECAwQFBgcICQoLDA0ODw#1"+testToken)
	add("reference", "slash at the end", testOnion+testPath+"/#1"+testToken)
	add("version", "version 2", testOnion+testPath+"#2"+testToken)
	add("version", "no version", testOnion+testPath+"#"+testToken)
	add("version", "two #", testOnion+testPath+"##1"+testToken)
	add("cut-off", "version only", testOnion+testPath+"#1")
	add("cut-off", "one character missing", testLink[:len(testLink)-1])
	add("cut-off", "suffix, but a character missing before it", testLink[:len(testLink)-1]+".p")
	add("cut-off", "suffix half lost", testLink+".")
	add("extra", "suffix half lost, behind a character too many", testLink+"A.")
	add("extra", "one character more", testLink+"A")
	add("extra", "comma behind it", testLink+",")
	add("extra", "bracket behind it", testLink+")")
	add("extra", "suffix in upper case", testLink+".P")
	add("extra", "suffix twice", testLink+".p.p")
	add("extra", "full stop behind the suffix", testLink+".p.")
	add("extra", "unknown suffix", testLink+".x")
	add("extra", "padded base64", testLink+"=")
	add("extra", "text fragment", testLink+":~:text=x")
	add("token", "trailing bits", testLink[:len(testLink)-1]+"9")
	add("token", "trailing bits with suffix", testLink[:len(testLink)-1]+"9.p")
	add("token", "standard base64 alphabet", testOnion+testPath+"#1+"+testToken[1:])
	add("token", "# inside", testOnion+testPath+"#1#"+testToken[1:])
	return links
}

func badControlLinks() []badLinkVector {
	return []badLinkVector{
		{"secret link", testLink, "message-link"},
		{"suffix of a secret link", testControl + ".p", "extra"},
		{"cut off", testControl[:len(testControl)-3], "cut-off"},
		{"no fragment", testControl[:strings.Index(testControl, "#")], "fragment"},
		{"start page", testOnion + "/", "path"},
	}
}
