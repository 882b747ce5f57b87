package keep

import (
	"fmt"
	"testing"
)

func TestAnswers(t *testing.T) {
	var a Answers[int]
	a.Put("ps", "monday", 1, 10)
	if v, ok := a.Get("ps", "monday"); !ok || v != 1 {
		t.Errorf("what was put: %d, %v", v, ok)
	}
	if _, ok := a.Get("ps", "tuesday"); ok {
		t.Error("an answer of another state")
	}
	a.Put("images", "tuesday", 2, 10)
	if _, ok := a.Get("ps", "monday"); ok {
		t.Error("the state before was not forgotten")
	}
}

func TestAnswersBounded(t *testing.T) {
	var a Answers[int]
	for i := range 10 * maxAnswers {
		a.Put(fmt.Sprint(i), "", i, 100)
	}
	if len(a.all) != maxAnswers {
		t.Errorf("%d answers", len(a.all))
	}
	a.Put("too large", "", 0, maxBytes)
	if _, ok := a.Get("too large", ""); ok {
		t.Error("one that fills the room alone")
	}
	for i := range 20 {
		a.Put(fmt.Sprint("large", i), "", i, 1<<20)
		a.Put("again", "", i, 1<<20)
	}
	total := 0
	for _, e := range a.all {
		total += e.bytes
	}
	if total != a.bytes || total > maxBytes {
		t.Errorf("%d bytes, counted as %d", total, a.bytes)
	}
	if v, ok := a.Get("again", ""); !ok || v != 19 {
		t.Errorf("the newest: %d, %v", v, ok)
	}
}
