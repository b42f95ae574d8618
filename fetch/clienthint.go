package fetch

import "strings"

// isClientHint reports whether a header is one of the client hints, well
// formed, that Chromium takes for safelisted. name is in lower case.
func isClientHint(name, value string) bool {
	switch name {
	case "device-memory", "dpr", "downlink":
		whole, fraction, found := strings.Cut(value, ".")
		return whole != "" && isDigits(whole) && isDigits(fraction) && found == (fraction != "")
	case "width", "viewport-width", "rtt":
		return value != "" && isDigits(value)
	case "ect":
		return value == "slow-2g" || value == "2g" || value == "3g" || value == "4g"
	case "save-data":
		return asciiEqualFold(value, "on")
	case "intervention":
		return true
	}
	return false
}

// isClientHintName tells the hints that a redirect removes; Save-Data stays. name
// is in lower case.
func isClientHintName(name string) bool {
	switch name {
	case "device-memory", "dpr", "downlink", "width", "viewport-width", "rtt", "ect":
		return true
	}
	return false
}
