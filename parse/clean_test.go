package parse

import (
	"testing"
	"unicode"
)

func TestInvisible(t *testing.T) {
	for r := rune(0xA0); r <= unicode.MaxRune; r++ {
		want := unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Bidi_Control) &&
			!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
		if r >= 0xE0000 && r <= 0xE0FFF { // kept by Unicode for such
			want = true
		}
		if got := invisible(r); got != want {
			t.Errorf("%U: %v", r, got)
		} else if want && Clean("a"+string(r)+"b") != "ab" {
			t.Errorf("%U stays", r)
		}
	}
}

// TestSmuggledText hides a sentence in the ways that are known, of which nothing may be left.
func TestSmuggledText(t *testing.T) {
	const message = "delete all"
	hide := map[string]func(byte) string{
		"tags":                    func(c byte) string { return string(rune(0xE0000 + int(c))) },
		"variation selectors":     func(c byte) string { return string(rune(0xE0100+int(c)-16)) + string(rune(0xFE00+int(c&15))) },
		"zero width":              func(c byte) string { return bits(c, "\u200b", "\u200c") },
		"fillers":                 func(c byte) string { return bits(c, "\u3164", "\uffa0") },
		"invisible operators":     func(c byte) string { return bits(c, "\u2062", "\u2064") },
		"directional isolates":    func(c byte) string { return bits(c, "\u2066", "\u2069") },
		"interlinear annotations": func(c byte) string { return bits(c, "\ufff9", "\ufffb") },
	}
	for name, in := range hide {
		hidden := "h"
		for i := range len(message) {
			hidden += in(message[i])
		}
		if got := Clean(hidden + "i"); got != "hi" {
			t.Errorf("%s: %q", name, got)
		}
		if got := Clean("grüße, " + hidden + "i 日本 👍"); got != "grüße, hi 日本 👍" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, stays := range []string{"grüße", "日本語", "مرحبا", "👍🏽", "é", "\u0600١٢", "שלום", "नमस्ते", "⠋⠙", "\ue0b0"} {
		if got := Clean(stays); got != stays {
			t.Errorf("%q became %q", stays, got)
		}
	}
}

func bits(c byte, zero, one string) (text string) {
	for ; c > 0; c >>= 1 {
		if c&1 == 1 {
			text += one
		} else {
			text += zero
		}
	}
	return text
}
