package schema

import (
	"strings"
	"time"
)

// isDate: full-date of RFC 3339, section 5.6.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime: date-time of RFC 3339, section 5.6.
func isDateTime(s string) bool {
	const date = len(time.DateOnly)
	return len(s) > date && (s[date] == 'T' || s[date] == 't') && isDate(s[:date]) && isTime(s[date+1:])
}

// isTime: full-time of RFC 3339, section 5.6. A leap second is one where it is 23:59:60 in UTC (section 5.7).
func isTime(s string) bool {
	const seconds = len(time.TimeOnly)
	if len(s) <= seconds || s[2] != ':' || s[5] != ':' {
		return false
	}
	hour, minute, second := twoDigits(s[0:2], 23), twoDigits(s[3:5], 59), twoDigits(s[6:8], 60)
	if hour < 0 || minute < 0 || second < 0 {
		return false
	}
	zone := s[seconds:]
	if zone[0] == '.' {
		rest := strings.TrimLeft(zone[1:], "0123456789")
		if len(rest) == len(zone)-1 {
			return false
		}
		zone = rest
	}
	offset, ok := zoneOffset(zone)
	const day = 24 * 60
	return ok && (second < 60 || (hour*60+minute-offset+day)%day == day-1)
}

// zoneOffset returns the minutes of time-offset.
func zoneOffset(s string) (minutes int, ok bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hour, minute := twoDigits(s[1:3], 23), twoDigits(s[4:6], 59)
	if hour < 0 || minute < 0 {
		return 0, false
	}
	if s[0] == '-' {
		return -hour*60 - minute, true
	}
	return hour*60 + minute, true
}

// twoDigits reads a number of two digits up to most; it is below 0 where there is none.
func twoDigits(s string, most int) int {
	n := int(s[0]-'0')*10 + int(s[1]-'0')
	if !isDigits(s) || n > most {
		return -1
	}
	return n
}

// isDuration: duration of RFC 3339, appendix A, and with units left out between others, as in ISO 8601.
func isDuration(s string) bool {
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return false
	}
	if weeks, ok := strings.CutSuffix(s, "W"); ok {
		return isDigits(weeks)
	}
	date, clock, hasClock := strings.Cut(s, "T")
	return areUnits(date, "YMD") && (!hasClock || clock != "" && areUnits(clock, "HMS"))
}

// areUnits reports whether s is numbers with units after them, in the order of the units.
func areUnits(s, units string) bool {
	for s != "" {
		rest := strings.TrimLeft(s, "0123456789")
		if rest == "" || len(rest) == len(s) {
			return false
		}
		i := strings.IndexByte(units, rest[0])
		if i < 0 {
			return false
		}
		units, s = units[i+1:], rest[1:]
	}
	return true
}

// isPeriod: period of RFC 3339, appendix A: two times, or one and how long.
func isPeriod(s string) bool {
	start, end, ok := strings.Cut(s, "/")
	switch {
	case !ok:
		return false
	case strings.HasPrefix(start, "P"):
		return isDuration(start) && isDateTime(end)
	case strings.HasPrefix(end, "P"):
		return isDateTime(start) && isDuration(end)
	default:
		return isDateTime(start) && isDateTime(end)
	}
}
